"""What was sent, looked at as a whole: policies replayed on it, sums, whether groups differ."""
