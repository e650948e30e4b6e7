"""What was sent, looked at as a whole: policies replayed on it, and how much of everything."""
