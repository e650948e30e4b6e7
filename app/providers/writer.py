"""How the register is changed: one transaction, a new version, and a fresh reading of it."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import VersionWatch, bump
from app.errors import CannotJudge

T = TypeVar("T")

REGISTER: Final = "register"
"""The version that stands for the whole register."""


class RegisterWriter:
    """Runs changes of the register one after another."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """`watch` is this process's; other processes see a change at their next poll."""
        self._db = db
        self._watch = watch
        self._clock = clock

    def now(self) -> datetime:
        """Return the instant that a change is dated with."""
        return self._clock.now()

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Read the register as it stands in the database, not as this process last saw it."""
        return await self._db.read(fn)

    async def change(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in a `write` that raises the register's version, and read the version anew.

        The version's row stays locked to the commit: what `fn` reads of the register cannot
        change before it writes.
        """

        def work(tx: Tx) -> T:
            bump(tx, REGISTER, self._clock)
            return fn(tx)

        result = await self._db.write(work)
        # The change is committed; a reading that fails is made up for by the next poll.
        with contextlib.suppress(CannotJudge):
            await self._watch.refresh()
        return result
