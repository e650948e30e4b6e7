"""Writing to the ledger, and reading it back in the order of its tree."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.exc import IntegrityError

from app.audit.chain import EntryText, Frontier
from app.audit.checkpoint import Checkpoint, parse_note
from app.audit.events import AuditEntry, AuditKind, canonical_body, instant_text
from app.audit.looking_up import SEALED, EntryQuery
from app.audit.models import audit_checkpoints, audit_entries, audit_leaves
from app.db.rows import insert_prepared
from app.db.session import Tx
from app.db.together import insert_together


class SealRacedError(Exception):
    """Another sealer has filled the same places in the tree."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the database has it; `digest` is what was hashed when it was written.

    `leaf_index` is its place in the tree, None until it is sealed.
    """

    text: EntryText
    at: datetime
    digest: str
    leaf_index: int | None


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A place in the tree with the entry that stands there, None where it is gone."""

    index: int
    entry_id: str
    digest: str
    entry: StoredEntry | None


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A sealed checkpoint: the note as signed, and the frontier from which sealing goes on."""

    size: int
    at: datetime
    note: str
    frontier: str

    def checkpoint(self) -> Checkpoint:
        """Return what the note says; raise CheckpointError where it is damaged."""
        return parse_note(self.note).checkpoint

    def tree(self) -> Frontier:
        """Return the frontier; raise ValueError where it does not fit the size."""
        nodes = bytes.fromhex(self.frontier)
        return Frontier(self.size, tuple(nodes[i : i + 32] for i in range(0, len(nodes), 32)))


_INSERT_ENTRY = audit_entries.insert()
_INSERT_LEAF = audit_leaves.insert()


def append(tx: Tx, entry: AuditEntry) -> None:
    """Write an entry, hashed alone; the sealer gives it its place within a second.

    Raises TypeError or ValueError, naming the place, where the body has no canonical form.
    """
    insert_together(tx, _INSERT_ENTRY, [_row(entry)])


def append_all(tx: Tx, entries: Sequence[AuditEntry]) -> None:
    """Write several entries in one statement."""
    if entries:
        insert_together(tx, _INSERT_ENTRY, [_row(entry) for entry in entries])


def find_entries(tx: Tx, query: EntryQuery) -> list[StoredEntry]:
    """Return the newest entries that match, newest first."""
    wanted = {"kind": query.kind, "subject": query.subject, "actor_id": query.actor_id}
    statement = _ENTRIES.order_by(audit_entries.c.id.desc()).limit(query.limit)
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(audit_entries.c[name] == value)
    if query.before is not None:
        statement = statement.where(audit_entries.c.id < query.before)
    if query.sealed:
        told = or_(*(audit_entries.c.kind.startswith(kind) for kind in SEALED))
        statement = statement.where(~(told & audit_entries.c.subject.in_(query.sealed)))
    if query.since is not None:
        statement = statement.where(audit_entries.c.at >= query.since)
    if query.until is not None:
        statement = statement.where(audit_entries.c.at < query.until)
    return [_stored(row) for row in tx.execute(statement)]


def entry_by_id(tx: Tx, entry_id: str) -> StoredEntry | None:
    """Return one entry, None where there is none."""
    row = tx.execute(_ENTRIES.where(audit_entries.c.id == entry_id)).one_or_none()
    return None if row is None else _stored(row)


def subjects_of(tx: Tx, kinds: Collection[AuditKind]) -> frozenset[str]:
    """Return everything that has an entry of one of these kinds; meant for rare kinds."""
    rows = tx.execute(
        select(audit_entries.c.subject)
        .where(audit_entries.c.kind.in_([kind.value for kind in kinds]))
        .distinct()
    )
    return frozenset(row.subject for row in rows)


def unsealed(tx: Tx, limit: int, newest: int | None = None) -> list[tuple[str, str]]:
    """Return (id, digest) of entries that have no leaf, oldest first.

    It asks for what has no leaf, never for what lies beyond the last one: a transaction that
    commits late would be missed. With `newest` only that many youngest entries are looked at.
    """
    source: Any = audit_entries
    if newest is not None:
        source = (
            select(audit_entries.c.id, audit_entries.c.at, audit_entries.c.digest)
            .order_by(audit_entries.c.id.desc())
            .limit(newest)
            .subquery()
        )
    statement = (
        select(source.c.id, source.c.digest)
        .outerjoin_from(source, audit_leaves, audit_leaves.c.entry_id == source.c.id)
        .where(audit_leaves.c.leaf_index.is_(None))
        .order_by(source.c.at, source.c.id)
        .limit(limit)
    )
    return [(row.id, row.digest) for row in tx.execute(statement)]


def unsealed_entries(tx: Tx) -> list[StoredEntry]:
    """Return every entry that has no place in the tree yet, oldest first."""
    rows = tx.execute(
        _ENTRIES.where(audit_leaves.c.leaf_index.is_(None)).order_by(audit_entries.c.id)
    )
    return [_stored(row) for row in rows]


def sealed_counts(tx: Tx, size: int) -> tuple[int, int]:
    """Return how many leaves and checkpoints belong to the tree of that size."""
    leaves = select(func.count()).where(audit_leaves.c.leaf_index < size)
    checkpoints = select(func.count()).where(audit_checkpoints.c.size <= size)
    return tx.scalar(leaves) or 0, tx.scalar(checkpoints) or 0


def first_gap(tx: Tx, size: int) -> int | None:
    """Return the first place below `size` whose entry is missing, None if there is none."""
    is_gap = (audit_leaves.c.leaf_index < size, audit_entries.c.id.is_(None))
    found: int | None = tx.scalar(_LEAVES.with_only_columns(_FIRST).where(*is_gap))
    return found


def last_checkpoint(tx: Tx) -> StoredCheckpoint | None:
    """Return the newest checkpoint, None before the first seal."""
    query = select(audit_checkpoints).order_by(audit_checkpoints.c.size.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else _checkpoint(row)


def checkpoint_at(tx: Tx, size: int) -> StoredCheckpoint | None:
    """Return the checkpoint over exactly `size` leaves."""
    query = select(audit_checkpoints).where(audit_checkpoints.c.size == size)
    row = tx.execute(query).one_or_none()
    return None if row is None else _checkpoint(row)


def checkpoints_after(tx: Tx, size: int, limit: int) -> list[StoredCheckpoint]:
    """Return up to `limit` checkpoints over more than `size` leaves, oldest first."""
    rows = tx.execute(
        select(audit_checkpoints)
        .where(audit_checkpoints.c.size > size)
        .order_by(audit_checkpoints.c.size)
        .limit(limit)
    )
    return [_checkpoint(row) for row in rows]


def newest_checkpoints(tx: Tx, limit: int) -> list[StoredCheckpoint]:
    """Return the last `limit` checkpoints, newest first."""
    rows = tx.execute(
        select(audit_checkpoints).order_by(audit_checkpoints.c.size.desc()).limit(limit)
    )
    return [_checkpoint(row) for row in rows]


def leaves_from(tx: Tx, first: int, limit: int) -> list[StoredLeaf]:
    """Return up to `limit` leaves from index `first` on, in order, each with its entry."""
    rows = tx.execute(
        _LEAVES.where(audit_leaves.c.leaf_index >= first)
        .order_by(audit_leaves.c.leaf_index)
        .limit(limit)
    )
    return [
        StoredLeaf(row.leaf_index, row.entry_id, row.leaf_digest, _stored(row) if row.id else None)
        for row in rows
    ]


def insert_seal(
    tx: Tx,
    previous: StoredCheckpoint | None,
    batch: Sequence[tuple[str, str]],
    sealed: StoredCheckpoint,
) -> bool:
    """Put (entry id, digest) pairs in the tree and seal them; False if another sealer was first.

    Takes no lock, which would need the right to update: of two sealers at the same moment the
    primary keys let one through, and the other gets SealRacedError.
    """
    if last_checkpoint(tx) != previous:
        return False
    first = 0 if previous is None else previous.size
    rows = [
        {"leaf_index": first + offset, "entry_id": entry_id, "digest": digest}
        for offset, (entry_id, digest) in enumerate(batch)
    ]
    try:
        insert_prepared(tx, _INSERT_LEAF, rows)
        tx.execute(audit_checkpoints.insert().values(asdict(sealed)))
    except IntegrityError as error:
        raise SealRacedError from error
    return True


_ENTRIES = select(audit_entries, audit_leaves.c.leaf_index).outerjoin_from(
    audit_entries, audit_leaves, audit_leaves.c.entry_id == audit_entries.c.id
)
_FIRST = func.min(audit_leaves.c.leaf_index)
_LEAVES = select(
    audit_leaves.c.leaf_index,
    audit_leaves.c.entry_id,
    audit_leaves.c.digest.label("leaf_digest"),
    audit_entries,
).outerjoin_from(audit_leaves, audit_entries, audit_leaves.c.entry_id == audit_entries.c.id)


def _row(entry: AuditEntry) -> dict[str, object]:
    text = EntryText(
        id=entry.id,
        at=instant_text(entry.at),
        kind=entry.kind.value,
        actor_kind=entry.actor.kind.value,
        actor_id=entry.actor.id,
        subject=entry.subject,
        body=canonical_body(entry),
    )
    return {
        "id": text.id,
        "at": entry.at,
        "kind": text.kind,
        "actor_kind": text.actor_kind,
        "actor_id": text.actor_id,
        "subject": text.subject,
        "body": text.body,
        "digest": text.digest().hex(),
    }


def _stored(row: Row[Any]) -> StoredEntry:
    text = EntryText(
        row.id,
        instant_text(row.at),
        row.kind,
        row.actor_kind,
        row.actor_id,
        row.subject,
        row.body,
    )
    return StoredEntry(text, row.at, row.digest, row.leaf_index)


def _checkpoint(row: Row[Any]) -> StoredCheckpoint:
    return StoredCheckpoint(row.size, row.at, row.note, row.frontier)
