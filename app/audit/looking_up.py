"""What somebody looks for in the ledger, and what is kept from whom meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """What to look for: exact fields, None for any; entries older than the id `before`.

    `since` and `until` are instants, the first included, the second not. Entries of kinds that
    begin with one of SEALED about `sealed` are left out.
    """

    kind: str | None = None
    subject: str | None = None
    actor_id: str | None = None
    before: str | None = None
    limit: int = 50
    since: datetime | None = None
    until: datetime | None = None
    sealed: frozenset[str] = frozenset()


SEALED: Final = ("ruling_", "ticket_")
"""What entries tell of who has ruled, or begun to."""
