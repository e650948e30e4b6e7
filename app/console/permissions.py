"""What each role may do in the console: one closed set of permissions, one table."""

from enum import StrEnum
from typing import Final

from app.staff.roles import Role, StaffMember


class Permission(StrEnum):
    """`area:resource:action`; every page declares the one that it needs."""

    ANYBODY = "public:page:read"
    """No sign-in."""
    SIGNING_IN = "console:sign_in:finish"
    """Whose password was right, the code of the second factor still missing."""
    OWN_ACCOUNT = "console:account:use"
    """Everybody who is signed in, a one-time password still unchanged, no second factor yet."""
    HOME = "console:home:read"
    RULES = "console:rules:read"
    SYSTEM = "console:system:read"
    QUEUE_READ = "review:queue:read"
    TICKET_RULE = "review:ticket:rule"
    BOARD_READ = "review:board:read"
    """How the desk works, person by person."""
    QUALITY_READ = "review:quality:read"
    PUSH_READ = "pushes:push:read"
    PUSH_WITHDRAW = "pushes:push:withdraw"
    COMPLAINT_READ = "complaints:complaint:read"
    DEAD_LETTER_READ = "delivery:dead_letter:read"
    DEAD_LETTER_REPLAY = "delivery:dead_letter:replay"
    PROVIDER_READ = "providers:provider:read"
    PROVIDER_WRITE = "providers:provider:write"
    SOURCES_READ = "packs:source_list:read"
    SOURCES_WRITE = "packs:source_list:write"
    SOURCES_PUBLISH = "packs:source_list:publish"
    WORDS_READ = "packs:word_list:read"
    WORDS_WRITE = "packs:word_list:write"
    PACKS_PUBLISH = "packs:rule_pack:publish"
    OWN_RULES_READ = "packs:operator_rules:read"
    """Trying a push out included."""
    OWN_RULES_WRITE = "packs:operator_rules:write"
    OWN_RULES_APPROVE = "packs:operator_rules:approve"
    POLICY_READ = "policy:caps:read"
    POLICY_WRITE = "policy:caps:write"
    POLICY_APPROVE = "policy:caps:approve"
    PARITY_RUN = "reports:parity:run"
    USAGE_READ = "reports:usage:read"
    SWITCH_READ = "policy:kill_switch:read"
    SWITCH_WRITE = "policy:kill_switch:write"
    STAFF_READ = "staff:member:read"
    STAFF_WRITE = "staff:member:write"
    AUDIT_READ = "audit:ledger:read"
    AUDIT_EXPORT = "audit:ledger:export"


_EVERY_ROLE: Final = frozenset(
    {
        Permission.ANYBODY,
        Permission.SIGNING_IN,
        Permission.OWN_ACCOUNT,
        Permission.HOME,
        Permission.RULES,
        Permission.SYSTEM,
        Permission.PUSH_READ,
        Permission.COMPLAINT_READ,
        Permission.PROVIDER_READ,
        Permission.SOURCES_READ,
        Permission.WORDS_READ,
        Permission.OWN_RULES_READ,
        Permission.POLICY_READ,
        Permission.SWITCH_READ,
    }
)
_REVIEWS: Final = frozenset({Permission.QUEUE_READ, Permission.TICKET_RULE})
_DELIVERS: Final = frozenset(
    {
        Permission.PUSH_WITHDRAW,
        Permission.DEAD_LETTER_READ,
        Permission.DEAD_LETTER_REPLAY,
    }
)

GRANTED: Final[dict[Role, frozenset[Permission]]] = {
    Role.REVIEWER: _EVERY_ROLE | _REVIEWS,
    Role.LEAD: _EVERY_ROLE
    | _REVIEWS
    | _DELIVERS
    | {
        Permission.BOARD_READ,
        Permission.STAFF_READ,
        Permission.AUDIT_READ,
        Permission.USAGE_READ,
        Permission.QUALITY_READ,
    },
    # An admin rules only if also a reviewer, so nothing of `_REVIEWS` but looking at the queue.
    Role.ADMIN: _EVERY_ROLE
    | _DELIVERS
    | {
        Permission.QUEUE_READ,
        Permission.BOARD_READ,
        Permission.PROVIDER_WRITE,
        Permission.SOURCES_WRITE,
        Permission.SOURCES_PUBLISH,
        Permission.WORDS_WRITE,
        Permission.PACKS_PUBLISH,
        Permission.OWN_RULES_WRITE,
        Permission.OWN_RULES_APPROVE,
        Permission.POLICY_WRITE,
        Permission.POLICY_APPROVE,
        Permission.SWITCH_WRITE,
        Permission.USAGE_READ,
        Permission.QUALITY_READ,
        Permission.PARITY_RUN,
        Permission.STAFF_READ,
        Permission.STAFF_WRITE,
        Permission.AUDIT_READ,
        Permission.AUDIT_EXPORT,
    },
    Role.AUDITOR: _EVERY_ROLE
    | {
        Permission.USAGE_READ,
        Permission.QUALITY_READ,
        Permission.QUEUE_READ,
        Permission.DEAD_LETTER_READ,
        Permission.PARITY_RUN,
        Permission.STAFF_READ,
        Permission.AUDIT_READ,
        Permission.AUDIT_EXPORT,
    },
}
"""What each role may do; a person with several roles may do all that any of them may."""


def permissions_of(member: StaffMember | None) -> frozenset[Permission]:
    """Return what a person may do; a stranger only what needs no sign-in."""
    if member is None:
        return frozenset({Permission.ANYBODY})
    return frozenset().union(*(GRANTED[role] for role in member.roles))
