"""Regulations on the Protection of Minors in Cyberspace."""
