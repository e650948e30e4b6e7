"""Delivery: outbox, dispatcher, channels, attempts."""
