"""The people of the console: roles, passwords, sessions, ties to providers."""
