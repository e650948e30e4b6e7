"""The network under our HTTP clients: a name is resolved here, and what was checked is used."""

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore

from app.egress.guard import Guard, resolve


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name itself, checks every address and connects to the one that was checked."""

    def __init__(self, guard: Guard) -> None:
        """Connect only where the guard allows it."""
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a checked address; AddressRefused, ConnectError."""
        try:
            found = await asyncio.to_thread(resolve, host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        address = self._guard.choose(found)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait before a retry."""
        await asyncio.sleep(seconds)
