"""What was sent, looked at as a whole: policies replayed on it, how much of everything, and whether groups got the same."""
