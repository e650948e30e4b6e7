"""Following the redirects of a link, so that nobody can turn it against the operator's network."""

import asyncio
from typing import Final
from urllib.parse import urljoin

import httpx

from app.domain.links import LinkTrail, TrailOutcome
from app.egress.backend import GuardedBackend
from app.egress.guard import AddressRefused, Guard
from app.egress.trust import trusted

MOST_HOPS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LONGEST: Final = 2048
_HEADERS: Final = {"User-Agent": "popgate-trail/1", "Accept": "*/*", "Connection": "close"}
_WEB: Final = frozenset({"http", "https"})


class TrailFollower:
    """Asks for a page without its body, and for the one that it points to, five at most.

    No cookies, no credentials, no scripts: only redirects of the protocol are seen. Every hop's
    address is checked when it is connected to.
    """

    def __init__(self, guard: Guard, seconds: float = 5.0) -> None:
        """Give each hop that many seconds."""
        self._guard = guard
        self._seconds = seconds

    async def follow(self, url: str) -> LinkTrail:
        """Return every address on the way, the first left out; never raises."""
        hops: list[str] = []
        here = url
        transport = httpx.AsyncHTTPTransport(
            verify=trusted(), retries=0, limits=httpx.Limits(max_connections=1)
        )
        transport._pool._network_backend = GuardedBackend(self._guard)  # noqa: SLF001 - the place
        async with transport:
            while True:
                try:
                    async with asyncio.timeout(self._seconds):
                        onward = await _onward(transport, here)
                except AddressRefused:
                    return LinkTrail(TrailOutcome.FAILED, tuple(hops), "address_refused")
                except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError):
                    return LinkTrail(TrailOutcome.FAILED, tuple(hops), "no_answer")
                if onward is None:
                    return LinkTrail(TrailOutcome.ENDED, tuple(hops))
                hops.append(onward)
                if httpx.URL(onward).scheme not in _WEB:
                    return LinkTrail(TrailOutcome.ENDED, tuple(hops))
                if len(hops) == MOST_HOPS:
                    return LinkTrail(TrailOutcome.TOO_LONG, tuple(hops))
                here = onward


async def _onward(transport: httpx.AsyncHTTPTransport, url: str) -> str | None:
    """Return where a page sends whoever asks for it; None for a page that is the end."""
    plain = httpx.URL(url).copy_with(userinfo=b"", fragment=None)
    request = httpx.Request("GET", plain, headers=_HEADERS)
    response = await transport.handle_async_request(request)
    try:
        target = response.headers.get("location", "")
        if response.status_code not in _REDIRECTS or not target:
            return None
        onward: str = urljoin(url, target)
        httpx.URL(onward)
        if len(onward) > _LONGEST:
            raise ValueError(onward[:_LONGEST])
        return onward
    finally:
        await response.aclose()
