"""Which version of the policy is in force, and putting those in force whose instant has come.

The database says which one is: the first process whose clock reaches the instant writes it there
before it decides or sends anything, and the version that everybody follows is raised with it. So
no two processes go by different policies for longer than they may lag behind.
"""

from dataclasses import dataclass
from datetime import datetime

from app.audit.events import AuditKind, instant_text, system
from app.audit.record import record
from app.clock import Clock
from app.db.session import Tx
from app.db.versions import bump
from app.domain.counting import CountedCap, counted_caps
from app.domain.policy import Policy
from app.policy import repository

POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The policy in force, and when another one takes its place, if that is known.

    `counted` are its caps, each with since when it has counted what is sent.
    """

    active: Policy | None
    changes_at: datetime | None
    counted: tuple[CountedCap, ...]

    def is_over(self, at: datetime) -> bool:
        """Tell whether another version should have taken its place by an instant."""
        return self.changes_at is not None and self.changes_at <= at


def load_timeline(tx: Tx) -> Timeline:
    """Read what is in force and what comes next."""
    version = repository.active_policy(tx)
    active = None if version is None else Policy(f"{version.number}@{version.id}", version.caps)
    coming = repository.scheduled_policies(tx)
    counted = counted_caps(repository.policies_in_force(tx))
    return Timeline(active, coming[0].effective_from if coming else None, counted)


def hold_policy(tx: Tx, clock: Clock) -> datetime:
    """Let nobody else change what is in force until the commit; return the instant it is.

    Raising the version first makes those who change it at once come one after another.
    """
    bump(tx, POLICY, clock)
    now = clock.now()
    for version in repository.scheduled_policies(tx):
        if version.effective_from is None or version.effective_from > now:
            break
        repository.put_in_force(tx, version.id, version.effective_from)
        body = {"number": version.number, "effective_from": instant_text(version.effective_from)}
        record(tx, now, AuditKind.POLICY_IN_FORCE, system("policy"), version.id, **body)
    return now
