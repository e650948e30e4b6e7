"""Reading and writing complaints."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from app.complaints.models import complaints
from app.db.session import Tx


class Reason(StrEnum):
    """What is complained about; a closed set."""

    NOT_CLOSABLE = "not_closable"
    NOT_LABELLED = "not_labelled"
    MISLEADING = "misleading"
    FALSE_SOURCE = "false_source"
    TOO_FREQUENT = "too_frequent"
    HARMFUL_TO_MINORS = "harmful_to_minors"
    ILLEGAL_CONTENT = "illegal_content"
    OTHER = "other"


class ComplaintState(StrEnum):
    """What became of a complaint."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint about a released push; `number` is what the person was given."""

    id: str
    number: str
    release_id: str
    push_id: str
    reason: Reason
    text: str
    language: str
    filed_at: datetime
    state: ComplaintState


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """Which complaints to list; None leaves a field open. `since` counts in, `until` does not."""

    state: ComplaintState | None = None
    reason: Reason | None = None
    push_id: str | None = None
    number: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def number_is_used(tx: Tx, number: str) -> bool:
    """Tell whether a complaint has that number."""
    return complaint_by_number(tx, number) is not None


def insert_complaint(tx: Tx, complaint: Complaint) -> None:
    """Store a complaint."""
    tx.execute(
        complaints.insert().values(
            id=complaint.id,
            number=complaint.number,
            release_id=complaint.release_id,
            push_id=complaint.push_id,
            reason=complaint.reason.value,
            text=complaint.text,
            language=complaint.language,
            filed_at=complaint.filed_at,
            state=complaint.state.value,
        )
    )


def complaint_by_number(tx: Tx, number: str) -> Complaint | None:
    """Return the complaint with that number."""
    row = tx.execute(select(complaints).where(complaints.c.number == number)).one_or_none()
    return None if row is None else _complaint(row)


def find_complaints(
    tx: Tx, wanted: ComplaintFilter, before: str | None, limit: int
) -> list[Complaint]:
    """Return up to `limit` complaints, newest first, older than the one with id `before`."""
    query = select(complaints).order_by(complaints.c.id.desc()).limit(limit)
    for column in ("state", "reason", "push_id", "number"):
        value = getattr(wanted, column)
        if value is not None:
            query = query.where(complaints.c[column] == value)
    if wanted.since is not None:
        query = query.where(complaints.c.filed_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(complaints.c.filed_at < wanted.until)
    if before is not None:
        query = query.where(complaints.c.id < before)
    return [_complaint(row) for row in tx.execute(query)]


def _complaint(row: Row[Any]) -> Complaint:
    return Complaint(
        id=row.id,
        number=row.number,
        release_id=row.release_id,
        push_id=row.push_id,
        reason=Reason(row.reason),
        text=row.text,
        language=row.language,
        filed_at=row.filed_at,
        state=ComplaintState(row.state),
    )
