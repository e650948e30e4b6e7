"""Human review: tickets, claims with lease and fencing, rulings."""
