"""How many streams may be open at once: a few for each recipient, many for each address."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from app.errors import TooManyRequests, Words

EACH_RECIPIENT = 4
EACH_ADDRESS = 500
_WAIT_SECONDS = 30


class Seats:
    """Counts open streams of this process; used from one event loop."""

    def __init__(self) -> None:
        """Begin with none taken."""
        self._taken: Counter[str] = Counter()

    def require(self, recipient: str, address: str) -> None:
        """Refuse with TooManyRequests where no seat is free.

        A browser has few pages open; thousands of streams of one client would only cost others.
        """
        if any(self._taken[name] >= most for name, most in _names(recipient, address)):
            raise TooManyRequests(
                Words("同时打开的事件流过多", "Too many streams are open at once"),
                retry_after=_WAIT_SECONDS,
            )

    @contextlib.contextmanager
    def hold(self, recipient: str, address: str) -> Iterator[None]:
        """Count a stream while it is open."""
        names = [name for name, _ in _names(recipient, address)]
        self._taken.update(names)
        try:
            yield
        finally:
            self._taken.subtract(names)
            self._taken += Counter()


def _names(recipient: str, address: str) -> tuple[tuple[str, int], ...]:
    return (f"recipient {recipient}", EACH_RECIPIENT), (f"address {address}", EACH_ADDRESS)
