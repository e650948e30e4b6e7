"""What is wrong with a cap that counts pushes as they are released, and with a share of them."""

from collections.abc import Iterator
from typing import Final

from app.domain.policy import Calendar, Cap, Per, Rolling

_HUNDRED: Final = 100


def release_faults(cap: Cap) -> Iterator[tuple[str, str]]:
    """Yield the field and the code of each fault."""
    if cap.counts_pushes and cap.is_each_recipients:
        yield "per", "pushes_have_no_recipient"
    if cap.percent is not None:
        yield from _share(cap, cap.percent)


def _share(cap: Cap, percent: int) -> Iterator[tuple[str, str]]:
    if not cap.counts_pushes:
        yield "percent", "share_of_pushes_only"
    if not 0 < percent < _HUNDRED:
        yield "percent", "bad_percent"
    if not isinstance(cap.window, Calendar | Rolling):
        yield "window", "share_window"
    if cap.limit < 1:
        yield "limit", "floor_missing"
    if Per.SURFACE not in cap.per:
        yield "per", "share_of_a_surface"
    elif not _is_a_part(cap):
        yield "covers/kinds", "share_of_all"


def _is_a_part(cap: Cap) -> bool:
    """Tell whether what it counts may be less than all pushes of the surface."""
    covers = cap.covers
    named = (covers.kinds, covers.topics, covers.classes, covers.minors)
    of_others = covers.providers and Per.PROVIDER not in cap.per
    return any(named) or bool(of_others) or bool({Per.KIND, Per.TOPIC} & set(cap.per))
