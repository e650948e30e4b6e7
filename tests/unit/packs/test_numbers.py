"""Since when a number has its value: what publishing and rolling back did to it."""

from datetime import UTC, date, datetime

from app.packs.numbers import last_changes
from app.packs.pack_repository import PUBLISH, ROLLBACK, Activation


def activation(number: int, pack_id: str | None, kind: str = PUBLISH) -> Activation:
    """An activation at noon in Beijing on the `number`-th of the month."""
    at = datetime(2026, 11, number, 4, tzinfo=UTC)
    return Activation(number, pack_id, None, kind, False, "", "stf_second", at)


def on(day: int) -> date:
    return date(2026, 11, day)


def test_nothing_was_moved_where_no_pack_says_so() -> None:
    assert last_changes([], {}) == {}
    assert last_changes([activation(1, "a")], {"b": {"old_news_days": 7}}) == {}


def test_a_pack_that_repeats_a_number_does_not_renew_it() -> None:
    said = {"a": {"old_news_days": 7}, "b": {"old_news_days": 7, "retold_days": 3}}
    found = last_changes([activation(2, "b"), activation(1, "a")], said)
    assert found == {"old_news_days": on(1), "retold_days": on(2)}


def test_a_pack_that_no_longer_speaks_of_a_number_brings_the_shipped_one_back() -> None:
    found = last_changes([activation(3, "b"), activation(1, "a")], {"a": {"old_news_days": 7}})
    assert found == {"old_news_days": on(3)}


def test_rolling_back_counts_as_a_change() -> None:
    said = {"a": {"old_news_days": 7}, "b": {"old_news_days": 9}}
    history = [activation(5, "a", ROLLBACK), activation(4, "b"), activation(2, "a")]
    assert last_changes(history, said) == {"old_news_days": on(5)}
    to_nothing = [activation(6, None, ROLLBACK), activation(2, "a")]
    assert last_changes(to_nothing, said) == {"old_news_days": on(6)}


def test_the_day_is_that_of_beijing() -> None:
    late = Activation(1, "a", None, PUBLISH, False, "", "s", datetime(2026, 11, 1, 17, tzinfo=UTC))
    assert last_changes([late], {"a": {"old_news_days": 7}}) == {"old_news_days": on(2)}
