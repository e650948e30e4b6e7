"""Popgate: nothing pops up that the law blocks or no person approved."""
