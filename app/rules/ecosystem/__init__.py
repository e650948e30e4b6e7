"""Provisions on the Governance of the Online Information Content Ecosystem."""
