"""The states of a push and the changes that are allowed between them."""

from enum import StrEnum


class PushState(StrEnum):
    """Where a push stands (product page, "States")."""

    IN_REVIEW = "in_review"
    BLOCKED = "blocked"
    APPROVED = "approved"
    REFUSED = "refused"
    RETURNED = "returned"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RELEASING = "releasing"
    RELEASED = "released"
    PARTLY_RELEASED = "partly_released"
    FAILED = "failed"


INITIAL = frozenset({PushState.IN_REVIEW, PushState.BLOCKED})

TRANSITIONS: dict[PushState, frozenset[PushState]] = {
    PushState.IN_REVIEW: frozenset(
        {
            PushState.APPROVED,
            PushState.REFUSED,
            PushState.RETURNED,
            PushState.BLOCKED,
            PushState.EXPIRED,
            PushState.WITHDRAWN,
        }
    ),
    PushState.RETURNED: frozenset({PushState.WITHDRAWN, PushState.EXPIRED}),
    PushState.APPROVED: frozenset(
        {
            PushState.IN_REVIEW,
            PushState.BLOCKED,
            PushState.RELEASING,
            PushState.EXPIRED,
            PushState.WITHDRAWN,
        }
    ),
    PushState.RELEASING: frozenset(
        {
            PushState.IN_REVIEW,
            PushState.BLOCKED,
            PushState.RELEASED,
            PushState.PARTLY_RELEASED,
            PushState.FAILED,
            PushState.EXPIRED,
            PushState.WITHDRAWN,
        }
    ),
}

FINAL = frozenset(PushState) - frozenset(TRANSITIONS)


def may_become(current: PushState, wanted: PushState) -> bool:
    """Tell whether a push in state `current` may change to `wanted`."""
    return wanted in TRANSITIONS.get(current, frozenset())
