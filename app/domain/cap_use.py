"""When a cap that all pushes share is nearly used up: what its senders are told, once a window."""

from datetime import datetime
from typing import Final

from app.domain.values import dataclass

_NEARLY: Final = 80
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class CapUse:
    """How much of a cap is used for one subject in one window, by when.

    `counts` is popups or pushes; `push_id` the push of `provider_id` that brought it so far.
    """

    cap_id: str
    subject: str
    window: str
    counts: str
    used: int
    allowed: int
    ends_at: datetime
    push_id: str
    provider_id: str
    at: datetime


def is_nearly_used(used: int, allowed: int) -> bool:
    """Tell whether four fifths of what is allowed are used."""
    return used > 0 and used * _HUNDRED >= allowed * _NEARLY
