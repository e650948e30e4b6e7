"""One line on the terminal that says how far a long command has come."""

import sys
from types import TracebackType
from typing import Final, Self

from app.clock import Clock, SystemClock

_FIRST_AFTER: Final = 1.0
_EVERY: Final = 0.5


class Progress:
    """Shows a count on standard error once a command takes more than a second; wiped at its end."""

    def __init__(self, what: str, clock: Clock | None = None) -> None:
        """Show `what` before the count."""
        self._what = what
        self._clock = clock or SystemClock()
        self._next = self._clock.monotonic() + _FIRST_AFTER
        self._shown = False

    def reached(self, count: int) -> None:
        """Show the count, unless the last one is fresh; cheap to call often."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        self._shown = True
        end = "" if sys.stderr.isatty() else "\n"
        start = "\r" if sys.stderr.isatty() else ""
        print(f"{start}{self._what} {count}", end=end, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        """Begin; nothing is shown yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the line from a terminal."""
        if self._shown and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
