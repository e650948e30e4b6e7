"""Provisions on the Necessary Personal Information of Common Apps."""
