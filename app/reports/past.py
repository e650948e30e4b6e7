"""What was sent in the past, batch by batch, kept aside in parts so that each fits in memory."""

import marshal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from sys import intern
from types import TracebackType
from typing import IO, Any, Final, Self

import orjson

from app.db.session import Database, Tx
from app.delivery.outcomes import Outcome
from app.delivery.past_repository import PastRow, lay_until, past_rows
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency.bearing import Sending
from app.frequency.replayed import AT_ONCE, Asked, AtRelease
from app.pushes.trial_repository import senders_of

PAGE: Final = 400
_POPUPS_AT_ONCE: Final = 500
_SENT: Final = frozenset({Outcome.ACCEPTED, Outcome.STARTED, Outcome.UNKNOWN})
_STOPPED: Final = frozenset({Outcome.CAPPED, Outcome.REPLACED})
_NOBODY: Final[Mapping[tuple[str, str], datetime]] = {}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

Origin = tuple[Sending, str]
"""What a batch was of, and who sent it; there are few of them."""


@dataclass(frozen=True, slots=True)
class Page:
    """Batches in the order of time, each with its origin.

    `lay_until` tells, by recipient and push, until when a popup lay in the inbox.
    """

    rows: tuple[tuple[PastRow, Origin], ...]
    lay_until: Mapping[tuple[str, str], datetime]


async def pages(
    db: Database, since: datetime, until: datetime, *, inboxes: bool = False
) -> AsyncIterator[Page]:
    """Yield everything that was put into the outbox in a time, with the inboxes if wanted."""
    after: tuple[datetime, str] | None = None
    known: dict[str, tuple[str, ContentClass | None]] = {}
    while True:
        page, known = await db.read(partial(_page, (since, until, after), known, inboxes))
        if not page.rows:
            return
        yield page
        last = page.rows[-1][0]
        after = (last.at, last.id)


def _page(
    span: tuple[datetime, datetime, tuple[datetime, str] | None],
    before: Mapping[str, tuple[str, ContentClass | None]],
    inboxes: bool,
    tx: Tx,
) -> tuple[Page, dict[str, tuple[str, ContentClass | None]]]:
    rows = past_rows(tx, *span, PAGE)
    # The batches of one push stand together, so what the last page knew is enough.
    wanted = {row.push_id for row in rows}
    known = {name: before[name] for name in wanted & before.keys()}
    for name, (sender, canonical) in senders_of(tx, wanted - known.keys()).items():
        known[name] = sender, _class_of(canonical)
    lay = _lay_until(tx, rows) if inboxes else _NOBODY
    return Page(tuple((row, _origin(row, *known[row.push_id])) for row in rows), lay), known


def _lay_until(tx: Tx, rows: Iterable[PastRow]) -> dict[tuple[str, str], datetime]:
    found: dict[tuple[str, str], datetime] = {}
    for surface, theirs in groupby(rows, lambda row: row.surface_id):
        popups = [(token, row.push_id) for row in theirs for token in orjson.loads(row.recipients)]
        for first in range(0, len(popups), _POPUPS_AT_ONCE):
            found |= lay_until(tx, surface, popups[first : first + _POPUPS_AT_ONCE])
    return found


def _class_of(canonical: bytes) -> ContentClass | None:
    # Pushes of earlier versions have none.
    named = orjson.loads(canonical)["push"].get("content_class")
    return None if named is None else ContentClass(named)


def _origin(row: PastRow, sender: str, content_class: ContentClass | None) -> Origin:
    kind, minors = ContentKind(row.kind), MinorsAudience(row.minors)
    surface, provider = row.surface_id, row.provider_id
    return Sending(kind, surface, provider, row.topic, content_class, minors), sender


class Aside:
    """Batches in files without a name, gone with the process; the origins in memory.

    A bucket stands whole in one of `parts` files. `weighed` is what caps of pushes say, by push.
    """

    def __init__(self, parts: int, weighed: Mapping[str, AtRelease]) -> None:
        """Make the files when it is entered."""
        self.parts = parts
        self._weighed = weighed
        self._files: list[IO[bytes]] = []
        self._open = ExitStack()
        self._origins: dict[Origin, int] = {}

    def __enter__(self) -> Self:
        """Make the files."""
        opened: Callable[[], AbstractContextManager[IO[bytes]]] = tempfile.TemporaryFile
        self._files = [self._open.enter_context(opened()) for _ in range(self.parts)]
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
            if set(row.outcomes).isdisjoint(_SENT | _STOPPED | {Outcome.WAITING}):
                continue
            number = self._origins.setdefault(origin, len(self._origins))
            marshal.dump(
                (
                    row.id,
                    row.push_id if row.push_id in self._weighed else "",
                    (row.at - _EPOCH) // _MICROSECOND,
                    (row.expires_at - _EPOCH) // _MICROSECOND,
                    number,
                    row.recipients,
                    row.outcomes,
                    row.waits,
                    _lay(row, page.lay_until),
                ),
                self._files[row.bucket % self.parts],
            )

    def part(self, number: int) -> Iterator[Asked]:
        """Yield the batches of a part as those who asked for a slot, in the order of time."""
        file = self._files[number]
        file.seek(0)
        origins = list(self._origins)
        for name, push_id, at, expires_at, origin, recipients, outcomes, waits, lay in _read(file):
            tokens, left_out = _who(recipients, outcomes, waits)
            if tokens:
                yield Asked(
                    name,
                    _EPOCH + at * _MICROSECOND,
                    _EPOCH + expires_at * _MICROSECOND,
                    origins[origin][0],
                    tuple(tokens),
                    frozenset(left_out),
                    origins[origin][1],
                    self._weighed.get(push_id, AT_ONCE),
                    {token: _EPOCH + until * _MICROSECOND for token, until in lay},
                )


def _lay(row: PastRow, until: Mapping[tuple[str, str], datetime]) -> list[tuple[str, int]]:
    """Return until when the popups of a row lay in inboxes, in microseconds."""
    if not until:
        return []
    return [
        (token, (until[name] - _EPOCH) // _MICROSECOND)
        for token in orjson.loads(row.recipients)
        if (name := (token, row.push_id)) in until
    ]


def _read(file: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            yield marshal.load(file)  # noqa: S302 - we wrote it, and nobody else can reach it
        except EOFError:
            return


def _who(recipients: str, outcomes: str, waits: bool) -> tuple[list[str], list[str]]:
    """Return who asked for a slot, and who of them was stopped or made to wait then."""
    # One name for a recipient, however many batches have it.
    tokens: list[str] = [intern(token) for token in orjson.loads(recipients)]
    if set(outcomes) <= _SENT:
        return tokens, []
    stopped = _STOPPED | {Outcome.WAITING} if waits else _STOPPED
    pairs = list(zip(tokens, outcomes, strict=True))
    left_out = [token for token, letter in pairs if letter in stopped]
    return [token for token, letter in pairs if letter in _SENT | stopped], left_out
