"""Complaints are filed without signing in and listed in the console."""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from app.audit.events import ANONYMOUS, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.complaints import repository
from app.complaints.repository import Complaint, ComplaintFilter, ComplaintState, Reason
from app.db.session import Database, Tx
from app.delivery.repository import release_by_id
from app.errors import CannotJudge, FieldProblem, Invalid, NotFound, Words
from app.fields import Fields
from app.ids import is_id, new_id

TEXT_LIMIT: Final = 1000
"""Code points of a complaint's text."""

PAGE_LIMIT: Final = 200

# Crockford's alphabet: no I, L, O or U, so that a number survives the telephone.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans("ILO", "110")
_NUMBER: Final = re.compile(rf"C?([{_ALPHABET}]{{4}})([{_ALPHABET}]{{4}})")
_DRAWS: Final = 4


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """What somebody writes about a release; `language` (zh or en) is what they read."""

    release_id: str
    reason: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """Some complaints, newest first, and the cursor of the next page, None on the last."""

    items: Sequence[Complaint]
    next_cursor: str | None


class Complaints:
    """Filing and finding complaints."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Keep complaints in `db`."""
        self._db = db
        self._clock = clock

    async def file(self, new: NewComplaint) -> Complaint:
        """Store a complaint; its number is what the person can ask after.

        Raises Invalid with every bad field, and NotFound for a release that there is none of.
        """
        reason, text = _clean(new)
        numbers = [_draw_number() for _ in range(_DRAWS)]

        def work(tx: Tx) -> Complaint:
            release = release_by_id(tx, new.release_id) if is_id("rel", new.release_id) else None
            if release is None:
                raise NotFound(Words("没有这条弹窗", "There is no such popup"))
            free = (number for number in numbers if not repository.number_is_used(tx, number))
            number = next(free, None)
            if number is None:
                raise CannotJudge(Words("请重试", "Please try again"), retry_after=1)
            complaint = Complaint(
                id=new_id("cmp"),
                number=number,
                release_id=release.id,
                push_id=release.push_id,
                reason=reason,
                text=text,
                language="en" if new.language == "en" else "zh",
                filed_at=self._clock.now(),
                state=ComplaintState.OPEN,
            )
            repository.insert_complaint(tx, complaint)
            _record(tx, complaint)
            return complaint

        return await self._db.write(work)

    async def by_number(self, number: str) -> Complaint | None:
        """Return the complaint with that number, typed in whatever way."""
        clean = read_number(number)
        if clean is None:
            return None
        return await self._db.read(lambda tx: repository.complaint_by_number(tx, clean))

    async def find(
        self, wanted: ComplaintFilter, cursor: str | None = None, limit: int = 50
    ) -> ComplaintPage:
        """Return a page of the complaints that match, newest first; Invalid for a bad cursor."""
        before = None if cursor is None else _read_cursor(cursor)
        size = max(1, min(limit, PAGE_LIMIT))
        found = await self._db.read(
            lambda tx: repository.find_complaints(tx, wanted, before, size + 1)
        )
        following = _cursor(found[size - 1].id) if len(found) > size else None
        return ComplaintPage(found[:size], following)


def read_number(typed: str) -> str | None:
    """Return a number as it is stored, for one typed in lower case or without its hyphens."""
    plain = re.sub(r"[\s-]", "", typed).upper().translate(_READ_AS)
    found = _NUMBER.fullmatch(plain)
    return None if found is None else f"C-{found[1]}-{found[2]}"


def _draw_number() -> str:
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"C-{signs[:4]}-{signs[4:]}"


def _clean(new: NewComplaint) -> tuple[Reason, str]:
    fields = Fields()
    reason = fields.choice("/reason", new.reason, Reason)
    needs_text = reason == Reason.OTHER
    text = fields.text("/text", new.text, TEXT_LIMIT, optional=not needs_text, lines=True)
    fields.finish()
    return Reason(reason), text


def _record(tx: Tx, complaint: Complaint) -> None:
    # The text may hold what somebody tells of themselves: the ledger, which is never
    # erased, takes its digest only.
    body = {
        "number": complaint.number,
        "release": complaint.release_id,
        "push": complaint.push_id,
        "reason": complaint.reason.value,
        "text_sha256": sha256(complaint.text.encode()).hexdigest(),
    }
    at = complaint.filed_at
    record(tx, at, AuditKind.COMPLAINT_FILED, ANONYMOUS, complaint.id, **body)


def _cursor(complaint_id: str) -> str:
    return urlsafe_b64encode(complaint_id.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        complaint_id = urlsafe_b64decode(padded.encode("ascii")).decode("ascii")
    except ValueError:
        complaint_id = ""
    if not is_id("cmp", complaint_id):
        words = Words("游标无效", "The cursor is not valid")
        raise Invalid(problems=(FieldProblem("/query/cursor", "bad_cursor", words),))
    return complaint_id
