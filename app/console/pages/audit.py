"""The ledger: looking entries up, one of them whole, its checkpoints, checking it, taking it."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import StreamingResponse

from app.audit.checking import Failed, Running
from app.audit.events import AuditKind
from app.audit.export import export_lines, sealed_so_far
from app.audit.looking_up import SEALED, EntryQuery
from app.audit.record import record
from app.audit.repository import (
    StoredCheckpoint,
    StoredEntry,
    checkpoints_after,
    entry_by_id,
    find_entries,
    newest_checkpoints,
)
from app.console.flash import Flash
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.times import BEIJING
from app.console.views import redirect, render
from app.db.session import Tx
from app.errors import NotFound
from app.ids import is_id

pages = Pages()

LIST: Final = "/console/audit"
LEDGER: Final = "/console/audit/ledger"

_PAGE: Final = 50
_CHECKPOINTS: Final = 50


@dataclass(frozen=True, slots=True)
class AuditView:
    """What was looked for, what was found, and the address of the next page."""

    entries: tuple[StoredEntry, ...]
    kinds: tuple[str, ...]
    wanted: dict[str, str]
    names: Names
    next: str | None
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry; `is_whole` is whether it still has the digest it was written with."""

    entry: StoredEntry
    body: str
    is_whole: bool
    checkpoint: StoredCheckpoint | None
    names: Names


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """A checkpoint as signed."""

    stored: StoredCheckpoint
    root: str
    key_id: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The last checkpoints, the last finished check of the ledger, and the one that runs.

    `failed` is a check that could not be finished since the last one began here.
    """

    checkpoints: tuple[CheckpointLine, ...]
    last_check: StoredEntry | None
    last_counts: dict[str, object]
    names: Names
    checkpoint_file: str
    running: Running | None
    failed: Failed | None


@pages.get(LIST, Permission.AUDIT_READ)
async def audit(visit: Visit) -> Response:
    """Show the newest entries that match."""
    fields = ("kind", "subject", "actor", "from", "to")
    wanted = {name: visit.query(name)[:100] for name in fields}
    before = visit.query("before")
    query = EntryQuery(
        kind=wanted["kind"] or None,
        subject=wanted["subject"] or None,
        actor_id=wanted["actor"] or None,
        before=before if is_id("aud", before) else None,
        limit=_PAGE + 1,
        since=_midnight(wanted["from"], 0),
        until=_midnight(wanted["to"], 1),
        sealed=await _sealed_from(visit),
    )
    found = await visit.services.db.read(lambda tx: find_entries(tx, query))
    onward = None
    if len(found) > _PAGE:
        kept = {name: value for name, value in wanted.items() if value}
        onward = f"{LIST}?{urlencode(kept | {'before': found[_PAGE - 1].text.id})}"
    view = AuditView(
        entries=tuple(found[:_PAGE]),
        kinds=tuple(kind.value for kind in AuditKind),
        wanted=wanted,
        names=await names(visit),
        next=onward,
        is_filtered=any(wanted.values()) or query.before is not None,
    )
    return await render(visit, "audit/list.html", view)


@pages.get("/console/audit/entries/{entry_id}", Permission.AUDIT_READ)
async def entry(visit: Visit) -> Response:
    """Show one entry, and the checkpoint that seals it."""

    def work(tx: Tx) -> tuple[StoredEntry, StoredCheckpoint | None] | None:
        found = entry_by_id(tx, visit.path("entry_id"))
        if found is None:
            return None
        if found.leaf_index is None:
            return found, None
        return found, next(iter(checkpoints_after(tx, found.leaf_index, 1)), None)

    held = await visit.services.db.read(work)
    if held is None:
        raise NotFound
    found, checkpoint = held
    is_sealed = found.text.kind.startswith(SEALED)
    if is_sealed and found.text.subject in await _sealed_from(visit):
        raise NotFound
    view = EntryView(
        entry=found,
        body=json.dumps(json.loads(found.text.body), ensure_ascii=False, indent=2),
        is_whole=found.text.digest().hex() == found.digest,
        checkpoint=checkpoint,
        names=await names(visit),
    )
    return await render(visit, "audit/entry.html", view)


@pages.get(LEDGER, Permission.AUDIT_READ)
async def ledger(visit: Visit) -> Response:
    """Show the checkpoints and when the ledger was last checked."""
    return await _show_ledger(visit)


@pages.post("/console/audit/ledger/verify", Permission.AUDIT_EXPORT)
async def verify(visit: Visit) -> Response:
    """Begin to check the whole ledger, or show the check that runs already."""
    began = visit.services.ledger_checks.start(visit.actor)
    return redirect(visit, LEDGER, Flash("audit.started" if began else "audit.runs", "info"))


@pages.post("/console/audit/ledger/export", Permission.AUDIT_EXPORT)
async def export(visit: Visit) -> Response:
    """Send everything sealed so far as one file, part by part; that it was taken is recorded."""
    db = visit.services.db
    what = await sealed_so_far(db)
    counts = {"leaves": what.leaves, "checkpoints": what.checkpoints}

    def work(tx: Tx) -> None:
        record(tx, visit.now(), AuditKind.LEDGER_EXPORTED, visit.actor, "ledger", **counts)

    await db.write(work)
    day = visit.now().astimezone(BEIJING).strftime("%Y%m%d-%H%M")
    return StreamingResponse(
        export_lines(db, what),
        media_type="application/x-ndjson",
        headers={
            "content-disposition": f'attachment; filename="popgate-ledger-{day}.jsonl"',
            "cache-control": "no-store",
        },
    )


async def _sealed_from(visit: Visit) -> frozenset[str]:
    """Return what the reader must not learn of: rulings that wait for a second, perhaps theirs."""
    if not visit.may(Permission.TICKET_RULE):
        return frozenset()
    return await visit.services.review.under_seal()


async def _show_ledger(visit: Visit) -> Response:
    def work(tx: Tx) -> tuple[list[StoredCheckpoint], list[StoredEntry]]:
        query = EntryQuery(kind=AuditKind.LEDGER_VERIFIED.value, limit=1)
        return newest_checkpoints(tx, _CHECKPOINTS), find_entries(tx, query)

    checkpoints, checks = await visit.services.db.read(work)
    last = next(iter(checks), None)
    lines = [(stored, stored.checkpoint()) for stored in checkpoints]
    view = LedgerView(
        checkpoints=tuple(
            CheckpointLine(stored, signed.root.hex(), signed.key_id) for stored, signed in lines
        ),
        last_check=last,
        last_counts={} if last is None else json.loads(last.text.body),
        names=await names(visit),
        checkpoint_file=visit.services.settings.checkpoints.name,
        running=visit.services.ledger_checks.running,
        failed=visit.services.ledger_checks.failed,
    )
    return await render(visit, "audit/ledger.html", view)


def _midnight(day: str, days_later: int) -> datetime | None:
    """Return when a Beijing day begins, or one so many days later; None for what is no day."""
    try:
        wanted = date.fromisoformat(day) + timedelta(days=days_later)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(wanted, time(), BEIJING)
