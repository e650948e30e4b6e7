"""The ledger: who did what, when, sealed so that nobody can change it unnoticed."""
