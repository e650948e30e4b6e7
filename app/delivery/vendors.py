"""The vendors' ledger: what was sent today by app, and what they will drop of what comes next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.clock import BEIJING, Clock
from app.db.session import Database, Tx
from app.delivery import vendor_repository as rows
from app.delivery.vendor_data import vendor_rules
from app.domain.vendor_quotas import REST, Day, Vendor, VendorForecast, VendorUsers, forecast
from app.errors import FieldProblem, Invalid, Words

MOST_USERS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class VendorDay:
    """A surface on one vendors' day: messages sent, recipients by how much they got, vendors.

    Each vendor's forecast is that of one more push to everybody who got something today.
    """

    surface_id: str
    sent: int
    got: tuple[tuple[int, int], ...]
    vendors: tuple[VendorForecast, ...]


class Vendors:
    """Answers about vendors' quotas; vendors themselves count, this only foresees."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read the outbox; write how many users each vendor has."""
        self._db = db
        self._clock = clock

    async def users(self, surface_id: str) -> tuple[VendorUsers, ...]:
        """Return the users of a surface by vendor; empty until somebody has entered them."""
        return await self._db.read(lambda tx: rows.users_of(tx, surface_id))

    async def set_users(self, actor: Actor, surface_id: str, users: Sequence[VendorUsers]) -> None:
        """Replace the users of a surface by vendor; Invalid for numbers that cannot be."""
        _check(users)
        kept = [one for one in users if one.users]

        def work(tx: Tx) -> None:
            rows.replace_users(tx, surface_id, kept)
            body = {one.vendor: [one.users, one.app_class.value] for one in kept}
            now = self._clock.now()
            record(tx, now, AuditKind.VENDOR_USERS_CHANGED, actor, surface_id, users=body)

        await self._db.write(work)

    async def forecast(
        self, surface_id: str, tokens: Sequence[str], at: datetime | None = None
    ) -> tuple[VendorForecast, ...]:
        """Return what vendors drop of a push to these recipients, released at an instant (now).

        Empty where nobody has entered the surface's vendors.
        """
        at = at or self._clock.now()

        def read(tx: Tx) -> tuple[VendorForecast, ...]:
            users = rows.users_of(tx, surface_id)
            if not users:
                return ()
            since = _midnight(at)
            counted = rows.got_between(tx, surface_id, since, at, tokens)
            sent = rows.sent_between(tx, surface_id, since, at)
            got = Counter(counted[token] for token in tokens)
            return forecast(vendor_rules(), users, _day(at, sent, got))

        return await self._db.read(read)

    async def today(self) -> tuple[VendorDay, ...]:
        """Return how the quotas of every surface stand whose vendors are known."""
        now = self._clock.now()

        def read(tx: Tx) -> tuple[VendorDay, ...]:
            return tuple(self._today(tx, one, now) for one in rows.surfaces_with_users(tx))

        return await self._db.read(read)

    def _today(self, tx: Tx, surface_id: str, now: datetime) -> VendorDay:
        counted = rows.got_between(tx, surface_id, _midnight(now), now)
        got, sent = Counter(counted.values()), counted.total()
        found = forecast(vendor_rules(), rows.users_of(tx, surface_id), _day(now, sent, got))
        return VendorDay(surface_id, sent, tuple(sorted(got.items())), found)


def _day(at: datetime, sent: int, got: Counter[int]) -> Day:
    here = at.astimezone(BEIJING)
    return Day(here.date(), here.hour * 60 + here.minute, sent, got)


def _midnight(at: datetime) -> datetime:
    """Return when the vendors' day began, in UTC: their limits are Beijing days."""
    return datetime.combine(at.astimezone(BEIJING).date(), time.min, BEIJING).astimezone(UTC)


def _check(users: Sequence[VendorUsers]) -> None:
    known = {*Vendor, REST}
    words = Words(f"须为 0 到 {MOST_USERS} 的整数", f"A whole number, 0 to {MOST_USERS}")
    problems = [
        FieldProblem(f"/users_{one.vendor}", "out_of_range", words)
        for one in users
        if one.vendor in known and not 0 <= one.users <= MOST_USERS
    ]
    if problems or not {one.vendor for one in users} <= known:
        raise Invalid(problems=tuple(problems))
