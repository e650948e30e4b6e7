"""Counting against frequency caps: one ledger of slots over all senders, kept in counters."""
