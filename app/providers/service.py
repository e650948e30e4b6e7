"""The register as everybody else asks it: no lookup needs the database while nothing changes."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from app.clock import Clock
from app.db.session import Database
from app.db.versions import Followed, VersionWatch
from app.domain.facts import ProviderFacts, SurfaceFacts, Unknown
from app.errors import CannotJudge
from app.providers import repository
from app.providers.facts import provider_facts, surface_facts
from app.providers.register import Caller, RegisterSnapshot
from app.providers.writer import REGISTER

_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class Register:
    """Providers, surfaces, senders and keys at the version that this process last saw.

    Every method raises VersionsStale when that reading is more than a second old.
    """

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """Read nothing yet."""
        self._db = db
        self._clock = clock
        self._followed = Followed(db, watch, REGISTER, repository.load_register)
        self._noted: dict[str, datetime] = {}
        self._unwritten: dict[str, datetime] = {}
        self._writing: asyncio.Task[None] | None = None

    async def current(self) -> RegisterSnapshot:
        """Return the whole register."""
        return await self._followed.get()

    async def authenticate(self, raw_key: str) -> Caller | None:
        """Return whose live key this is and note its use; None for an unknown or revoked one."""
        caller = (await self.current()).caller(raw_key)
        if caller is not None:
            self._note_use(caller.key_id)
        return caller

    def tells(self, provider_id: str) -> bool:
        """Tell whether a provider has an address for outcome webhooks, as last seen."""
        held = self._followed.last
        provider = None if held is None else held.provider(provider_id)
        return provider is not None and provider.outcome_url is not None

    async def is_open(self, surface_id: str) -> bool:
        """Tell whether the surface exists and is not closed."""
        surface = (await self.current()).surface(surface_id)
        return surface is not None and not surface.closed

    async def provider_facts(self, provider_id: str) -> ProviderFacts:
        """Return what rules may know of a provider; NotFound for one that is not registered."""
        return provider_facts(await self.current(), provider_id)

    async def surface_facts(self, surface_id: str, provider_id: str) -> SurfaceFacts | Unknown:
        """Return what rules may know of a surface, for a push of this provider."""
        return surface_facts(await self.current(), surface_id, provider_id)

    async def last_used(self, provider_id: str) -> dict[str, datetime]:
        """Return when each key of a provider was last used, to the minute, by key id."""
        return await self._db.read(lambda tx: repository.last_used(tx, provider_id))

    async def close(self) -> None:
        """Write down the uses that are not yet written."""
        if self._writing is not None:
            await self._writing

    def _note_use(self, key_id: str) -> None:
        now = self._clock.now()
        noted = self._noted.get(key_id)
        if noted is not None and now - noted < _USE_NOTED_EVERY:
            return
        self._noted[key_id] = self._unwritten[key_id] = now
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_uses())

    async def _write_uses(self) -> None:
        while self._unwritten:
            used = dict(self._unwritten)
            self._unwritten.clear()
            try:
                await self._db.write(lambda tx, used=used: repository.touch_keys(tx, used))  # type: ignore[misc]
            except CannotJudge:
                # The next use after the outage is noted again.
                for key_id in used:
                    self._noted.pop(key_id, None)
