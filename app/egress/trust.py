"""Whom an encrypted connection trusts."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """Return the context of all connections; reading its certificates takes some 40 ms, once."""
    return httpx.create_ssl_context()
