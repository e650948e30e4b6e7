"""Which attempts to sign in count against whom, and what the ledger keeps of the failed ones."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.audit.events import ANONYMOUS, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.ratelimit import address_key
from app.staff import repository
from app.staff.repository import Attempt
from app.staff.roles import StaffMember
from app.staff.throttle import BY_NAME, LOOK_BACK, MOST_ATTEMPTS, Brake, seconds_to_wait

FAMILIAR: Final = timedelta(days=30)
"""How long an address stays one where somebody is known to work."""

_ADDRESS_LIMIT: Final = 64


class Refusal(StrEnum):
    """Why somebody was not let in; an unknown, disabled or mistyped name looks the same."""

    WRONG = "wrong"
    USED = "used"
    """A code that was good once, and was taken once."""
    THROTTLED = "throttled"


def counted_address(address: str) -> str:
    """Return what is counted together: of IPv6 the /64 network, which one machine can use up."""
    return address_key(address) if ":" in address else address[:_ADDRESS_LIMIT]


def seconds_before(
    tx: Tx,
    attempt: Attempt,
    now: datetime,
    brake: Brake = BY_NAME,
    look_back: timedelta = LOOK_BACK,
) -> int:
    """Return the whole seconds until this attempt may be made, 0 if now.

    Where the name was signed in lately only its own failures from there count: nobody elsewhere,
    and no neighbour behind the same address, can keep people out of where they work.
    """
    since = now - look_back
    by_name = repository.attempts_by(tx, "username", attempt.username, since, MOST_ATTEMPTS)
    if repository.has_succeeded_from(tx, attempt.username, attempt.address, now - FAMILIAR):
        own = [one for one in by_name if one.address == attempt.address]
        return seconds_to_wait(own, [], now, brake)
    since = now - LOOK_BACK
    by_address = repository.attempts_by(tx, "address", attempt.address, since, MOST_ATTEMPTS)
    return seconds_to_wait(by_name, by_address, now, brake)


def record_failure(
    tx: Tx, now: datetime, attempt: Attempt, known: StaffMember | None, refusal: Refusal
) -> None:
    """Put a failed attempt into the ledger; `known` is who has the name."""
    subject = attempt.username if known is None else known.id
    disabled = known is not None and known.disabled_at is not None
    body = {"address": attempt.address, "refusal": refusal.value, "disabled": disabled}
    record(tx, now, AuditKind.SIGN_IN_FAILED, ANONYMOUS, subject, **body)
