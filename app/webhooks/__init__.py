"""Outcome webhooks: what becomes of a push, told to its sender."""
