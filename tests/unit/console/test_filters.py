"""A choice is its address: read back it is the same, and what an address invents is dropped."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.console.desk import past_filter, queue_filter
from app.console.desk.queue_filter import Filter, read_filter
from app.console.desk.rule_names import RuleNames

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
RULES = RuleNames({}, {"a-1": "ad_label", "a-2": "ad_label", "human-review": "human_review"})


def test_a_choice_of_the_queue_survives_its_address() -> None:
    chosen = Filter(
        words="茶 & 酒", kind="news", topic="ad_label", rule="a-1", provider="prv_1",
        sender="snd_1", age="4h", claimed="no", mine=True, page=3,
    )  # fmt: skip
    assert read_filter(dict(parse_qsl(urlsplit(chosen.address(3)).query))) == chosen
    assert Filter().address(1) == "/console/queue"
    assert Filter().address(2) == "/console/queue?page=2"
    assert Filter(page=2).is_empty


def test_what_no_choice_can_be_is_not_chosen() -> None:
    asked = {"kind": "gossip", "topic": "x", "age": "2 years", "claimed": "maybe", "mine": "yes"}
    assert read_filter(asked | {"page": "²", "next": "//evil.example"}) == Filter()
    assert queue_filter.tidy("kind=news&next=//evil.example&page=7") == "kind=news"


def test_a_topic_is_all_of_its_rules_and_human_review_nothing_else() -> None:
    assert Filter(topic="ad_label").wanted(RULES, NOW, "stf_1").rules == ("a-1", "a-2")
    assert Filter(topic="ad_label", rule="a-2").wanted(RULES, NOW, "stf_1").rules == ("a-2",)
    alone = Filter(topic="human_review").wanted(RULES, NOW, "stf_1")
    assert (alone.rules, alone.held_by_these_alone) == (("human-review",), True)
    nothing = Filter().wanted(RULES, NOW, "stf_1")
    assert (nothing.rules, nothing.opened_before, nothing.claimed) == (None, None, None)


@pytest.mark.parametrize(
    ("first", "last", "faults"),
    [
        ("", "", ()),
        ("2026-11-01", "2026-11-30", ()),
        ("gestern", "0001-01-01", ("from", "to")),
        ("2026-11-30", "2026-11-01", ("from",)),
    ],
)
def test_days_that_cannot_be_are_named(first: str, last: str, faults: tuple[str, ...]) -> None:
    asked = past_filter.read_choice({"from": first, "to": last, "kind": "gossip"})
    assert asked.faults == faults
    wanted = past_filter.without_faults(asked).wanted(NOW)
    assert wanted.since < wanted.until
    assert wanted.kind is None


def test_the_past_is_the_last_month_of_beijing_unless_days_are_chosen() -> None:
    usual = past_filter.read_choice({}).wanted(NOW)
    assert usual.until == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert (usual.until - usual.since).days == past_filter.USUAL_DAYS + 1
    one = past_filter.read_choice({"from": "2026-11-05", "to": "2026-11-05", "reviewer": "stf_1"})
    assert one.wanted(NOW).since == datetime(2026, 11, 4, 16, tzinfo=UTC)
    assert one.wanted(NOW).until == datetime(2026, 11, 5, 16, tzinfo=UTC)
    assert one.wanted(NOW).reviewer == "staff:stf_1"
    assert past_filter.tidy("from=2026-13-01&words=%E8%8C%B6&after=tkt_1") == "words=%E8%8C%B6"
