"""What was sent in the past, batch by batch, kept aside by bucket so that each fits in memory."""

import marshal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import IO, Any, Final, Self

import orjson

from app.db.session import Database, Tx
from app.delivery.outcomes import Outcome
from app.delivery.past_repository import PastRow, past_rows
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency.keys import BUCKETS
from app.frequency.replay import Asked, Sending
from app.pushes.trial_repository import senders_of
from app.recipients.repository import time_zones, zones_differ

PAGE: Final = 400
_TOKENS_AT_ONCE: Final = 900
_SENT: Final = frozenset({Outcome.ACCEPTED, Outcome.STARTED, Outcome.UNKNOWN})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

Origin = tuple[Sending, str]
"""What a batch was of, and who sent it; there are few of them."""


@dataclass(frozen=True, slots=True)
class Page:
    """Batches in the order of time, each with its origin."""

    rows: tuple[tuple[PastRow, Origin], ...]


async def pages(db: Database, since: datetime, until: datetime) -> AsyncIterator[Page]:
    """Yield everything that was put into the outbox in a time."""
    after: tuple[datetime, str] | None = None
    known: dict[str, tuple[str, ContentClass | None]] = {}
    while True:
        page, known = await db.read(partial(_page, since, until, after, known))
        if not page.rows:
            return
        yield page
        last = page.rows[-1][0]
        after = (last.at, last.id)


def _page(
    since: datetime,
    until: datetime,
    after: tuple[datetime, str] | None,
    before: Mapping[str, tuple[str, ContentClass | None]],
    tx: Tx,
) -> tuple[Page, dict[str, tuple[str, ContentClass | None]]]:
    rows = past_rows(tx, since, until, after, PAGE)
    # The batches of one push stand together, so what the last page knew is enough.
    wanted = {row.push_id for row in rows}
    known = {name: before[name] for name in wanted & before.keys()}
    for name, (sender, canonical) in senders_of(tx, wanted - known.keys()).items():
        known[name] = sender, _class_of(canonical)
    return Page(tuple((row, _origin(row, *known[row.push_id])) for row in rows)), known


def _class_of(canonical: bytes) -> ContentClass | None:
    # Pushes of earlier versions have none.
    named = orjson.loads(canonical)["push"].get("content_class")
    return None if named is None else ContentClass(named)


def _origin(row: PastRow, sender: str, content_class: ContentClass | None) -> Origin:
    kind, minors = ContentKind(row.kind), MinorsAudience(row.minors)
    surface, provider = row.surface_id, row.provider_id
    return Sending(kind, surface, provider, row.topic, content_class, minors), sender


class Aside:
    """Batches by bucket in files without a name, gone with the process; the origins in memory."""

    def __init__(self) -> None:
        """Make the files when it is entered."""
        self._files: list[IO[bytes]] = []
        self._open = ExitStack()
        self._origins: dict[Origin, int] = {}

    def __enter__(self) -> Self:
        """Make a file a bucket."""
        opened: Callable[[], AbstractContextManager[IO[bytes]]] = tempfile.TemporaryFile
        self._files = [self._open.enter_context(opened()) for _ in range(BUCKETS)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Remove everything."""
        self._open.close()

    def keep(self, page: Page) -> None:
        """Write a page's batches down; those of which caps decided nothing are left out."""
        for row, origin in page.rows:
            if set(row.outcomes).isdisjoint(_SENT | {Outcome.CAPPED, Outcome.WAITING}):
                continue
            number = self._origins.setdefault(origin, len(self._origins))
            marshal.dump(
                (
                    row.id,
                    (row.at - _EPOCH) // _MICROSECOND,
                    (row.expires_at - _EPOCH) // _MICROSECOND,
                    number,
                    row.recipients,
                    row.outcomes,
                    row.waits,
                ),
                self._files[row.bucket],
            )

    def bucket(self, number: int) -> Iterator[Asked]:
        """Yield the batches of a bucket as those who asked for a slot, in the order of time."""
        file = self._files[number]
        file.seek(0)
        origins = list(self._origins)
        for fields in _read(file):
            asked = _asked(origins, *fields)
            if asked.tokens:
                yield asked


def _read(file: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            yield marshal.load(file)  # noqa: S302 - we wrote it, and nobody else can reach it
        except EOFError:
            return


def _asked(  # noqa: PLR0913, PLR0917 - a record as it was written
    origins: list[Origin],
    name: str,
    at: int,
    expires_at: int,
    origin: int,
    recipients: str,
    outcomes: str,
    waits: bool,
) -> Asked:
    sending, sender = origins[origin]
    tokens: list[str] = orjson.loads(recipients)
    stopped = {Outcome.CAPPED, Outcome.WAITING} if waits else {Outcome.CAPPED}
    wanted = _SENT | stopped
    left_out: list[str] = []
    if not set(outcomes) <= _SENT:
        pairs = list(zip(tokens, outcomes, strict=True))
        left_out = [token for token, letter in pairs if letter in stopped]
        tokens = [token for token, letter in pairs if letter in wanted]
    return Asked(
        name,
        _EPOCH + at * _MICROSECOND,
        _EPOCH + expires_at * _MICROSECOND,
        sending,
        tuple(tokens),
        frozenset(left_out),
        sender,
    )


class OwnZones:
    """The time zones that recipients chose themselves."""

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


def _zones(surface: str, tokens: list[str], tx: Tx) -> dict[str, str]:
    found: dict[str, str] = {}
    for first in range(0, len(tokens), _TOKENS_AT_ONCE):
        found |= time_zones(tx, surface, tokens[first : first + _TOKENS_AT_ONCE])
    return found
