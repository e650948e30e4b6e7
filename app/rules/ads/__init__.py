"""Advertising Law."""
