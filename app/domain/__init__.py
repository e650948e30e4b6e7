"""The vocabulary of the gateway: frozen values from the standard library alone."""
