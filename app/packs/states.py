"""The states of a rule pack, and which may follow which."""

from enum import StrEnum
from typing import Final


class PackState(StrEnum):
    """Where a pack stands between being written and being history."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    STAGED = "staged"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"
    DISCARDED = "discarded"


OPEN: Final = frozenset({PackState.DRAFT, PackState.PROPOSED, PackState.STAGED})
"""States of the one pack that is being worked on."""

FOLLOWS: Final[dict[PackState, frozenset[PackState]]] = {
    PackState.DRAFT: frozenset({PackState.PROPOSED, PackState.DISCARDED}),
    PackState.PROPOSED: frozenset({PackState.DRAFT, PackState.STAGED, PackState.DISCARDED}),
    PackState.STAGED: frozenset({PackState.DRAFT, PackState.ACTIVE, PackState.DISCARDED}),
    PackState.ACTIVE: frozenset({PackState.SUPERSEDED, PackState.ROLLED_BACK}),
    PackState.SUPERSEDED: frozenset({PackState.ACTIVE}),
    PackState.ROLLED_BACK: frozenset(),
    PackState.DISCARDED: frozenset(),
}
"""A superseded pack comes into force again only by rolling back what replaced it."""
