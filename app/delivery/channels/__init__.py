"""The channels, a file each: the built-in inbox and the webhook."""
