"""Complaints about a popup, filed without signing in."""
