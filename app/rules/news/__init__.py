"""Provisions on Internet News Information Services."""
