"""Law on the Protection of Minors."""
