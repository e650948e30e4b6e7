"""Recipients as pseudonymous tokens, their device secrets and refusals."""
