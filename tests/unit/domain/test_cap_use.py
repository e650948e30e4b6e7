"""How much a cap that all pushes share allows, and when it is nearly used up."""

from app.domain.cap_use import is_nearly_used
from app.domain.policy import A_DAY, Cap, Counts, Per


def test_four_fifths_are_nearly_all() -> None:
    assert [is_nearly_used(used, 10) for used in (0, 7, 8, 10)] == [False, False, True, True]
    assert not is_nearly_used(0, 0)


def test_a_share_is_of_all_pushes_and_of_no_fewer_than_its_floor() -> None:
    number = Cap("a", 20, A_DAY, per=(Per.SURFACE,), counts=Counts.PUSHES)
    share = Cap("b", 20, A_DAY, per=(Per.SURFACE,), counts=Counts.PUSHES, percent=30)
    assert [number.allowed_of(pushes) for pushes in (0, 100)] == [20, 20]
    assert [share.allowed_of(pushes) for pushes in (0, 19, 21, 100)] == [6, 6, 6, 30]
