"""Provisions on Algorithmic Recommendation in Internet Services."""
