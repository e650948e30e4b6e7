"""The time zones that recipients chose themselves, for replays of what was sent."""

from functools import partial
from typing import Final

from app.db.session import Database, Tx
from app.frequency.replayed import Asked
from app.recipients.repository import chosen_zones, time_zones, zones_differ

_AT_ONCE: Final = 900
_PAGE: Final = 10_000


class OwnZones:
    """Looks zones up for some batches, or for everybody."""

    def __init__(self, db: Database) -> None:
        """Know nothing yet."""
        self._db = db
        self._some: dict[str, bool] = {}

    async def of(self, batches: list[Asked]) -> dict[str, dict[str, str]]:
        """Return by surface the zones of those recipients of these batches who chose one."""
        tokens: dict[str, set[str]] = {}
        for batch in batches:
            surface = batch.sending.surface
            if surface not in self._some:
                self._some[surface] = await self._db.read(
                    lambda tx, name=surface: zones_differ(tx, name)  # type: ignore[misc]
                )
            if self._some[surface]:
                tokens.setdefault(surface, set()).update(batch.tokens)
        return {
            surface: await self._db.read(partial(_zones, surface, sorted(names)))
            for surface, names in tokens.items()
        }

    async def of_all(self) -> dict[str, dict[str, str]]:
        """Return by surface the zones of everybody who chose one."""
        found: dict[str, dict[str, str]] = {}
        last = ("", "")
        while page := await self._db.read(partial(_page, last)):
            for surface, token, zone in page:
                found.setdefault(surface, {})[token] = zone
            last = page[-1][:2]
        return found


def _page(after: tuple[str, str], tx: Tx) -> list[tuple[str, str, str]]:
    return chosen_zones(tx, after, _PAGE)


def _zones(surface: str, tokens: list[str], tx: Tx) -> dict[str, str]:
    found: dict[str, str] = {}
    for first in range(0, len(tokens), _AT_ONCE):
        found |= time_zones(tx, surface, tokens[first : first + _AT_ONCE])
    return found
