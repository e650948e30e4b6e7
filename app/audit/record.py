"""Appending to the ledger in one line."""

from datetime import datetime

from app.audit.events import Actor, AuditEntry, AuditKind
from app.audit.repository import append
from app.db.session import Tx
from app.ids import new_id


def record(
    tx: Tx, at: datetime, kind: AuditKind, actor: Actor, subject: str, **body: object
) -> None:
    """Append an entry in the caller's transaction; `body` holds whatever canonical JSON can."""
    append(tx, AuditEntry(new_id("aud"), at, kind, actor, subject, body))
