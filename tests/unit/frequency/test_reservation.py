"""Reservations and caps that make no sense are refused where they are made."""

from datetime import UTC, datetime

import pytest

from app.frequency.cap_window import LARGEST_LIMIT, CapWindow
from app.frequency.store import LARGEST_BATCH, Group, Reservation

SOON = datetime(2026, 11, 21, tzinfo=UTC)
NAIVE = datetime(2026, 11, 21)  # noqa: DTZ001
CAP = CapWindow("daily", "day:2026-11-21", 5, SOON)


@pytest.mark.parametrize(("limit", "share"), [(-1, 0), (LARGEST_LIMIT + 1, 0), (2, 3), (2, -1)])
def test_limits_that_cannot_be_counted_are_refused(limit: int, share: int) -> None:
    with pytest.raises(ValueError, match="cap daily"):
        CapWindow("daily", "day:2026-11-21", limit, SOON, share)


def test_the_broadcast_share_is_taken_off_the_own_limit() -> None:
    assert CapWindow("daily", "day:2026-11-21", 5, SOON, 2).own_limit == 3


def test_instants_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        CapWindow("daily", "day:2026-11-21", 5, NAIVE)
    with pytest.raises(ValueError, match="no time zone"):
        Reservation("r1", 0, (Group(("a",), (CAP,)),), NAIVE)


def test_a_cap_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Group(("a",), (CAP, CAP))


def test_more_caps_than_fit_in_a_record_are_refused() -> None:
    caps = tuple(CapWindow(f"c{n}", "day:2026-11-21", 5, SOON) for n in range(65))
    with pytest.raises(ValueError, match="64 caps"):
        Group(("a",), caps)


def test_a_batch_of_nobody_or_of_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="no recipient"):
        Group((), (CAP,))
    with pytest.raises(ValueError, match="not 0"):
        Reservation("r1", 0, (), SOON)
    many = tuple(str(n) for n in range(LARGEST_BATCH + 1))
    with pytest.raises(ValueError, match="not 251"):
        Reservation("r1", 0, (Group(many, (CAP,)),), SOON)


def test_a_recipient_in_two_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Reservation("r1", 0, (Group(("a",), (CAP,)), Group(("a", "b"), ())), SOON)
