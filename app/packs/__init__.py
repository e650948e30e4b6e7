"""Versioned data that rules read: limits, word lists, source list editions, version watch."""
