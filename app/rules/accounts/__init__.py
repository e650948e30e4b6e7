"""Provisions on Public Account Information Services."""
