"""Staff members as values: their roles, their ties, their sessions."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do in the console; one person may have several."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person in the console; a disabled one cannot sign in and is kept."""

    id: str
    username: str
    name: str
    roles: frozenset[Role]
    language: str
    must_change_password: bool
    created_at: datetime
    disabled_at: datetime | None
    factor_since: datetime | None = None
    """Since when the sign-in asks for a code as well; None without a second factor."""

    @property
    def is_acting_admin(self) -> bool:
        """Whether this person can administer now."""
        return Role.ADMIN in self.roles and self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Tie:
    """A staff member's interest in a provider: they cannot rule on it while the tie stands."""

    staff_id: str
    provider_id: str
    reason: str
    declared_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person; `csrf` is the token that every form of theirs carries."""

    token_hash: str = field(repr=False)
    csrf: str = field(repr=False)
    staff: StaffMember
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    proven_at: datetime | None = None
    """When the second factor was proven in this session."""
    address: str = ""
    agent: str = ""
    """Where it was begun, and what the browser calls itself."""

    @property
    def id(self) -> str:
        """Return what names the session on a page; nobody signs in with it."""
        return self.token_hash[:16]

    @property
    def is_whole(self) -> bool:
        """Whether everything that the sign-in asks for was given."""
        return self.staff.factor_since is None or self.proven_at is not None
