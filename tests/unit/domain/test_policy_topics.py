"""Topics in caps: only registered ones, but for those that the policy in force names already."""

from app.domain.policy import A_DAY, Cap, Covers
from app.domain.policy_faults import PolicyFault
from app.domain.policy_topics import unregistered


def cap(cap_id: str, *topics: str) -> Cap:
    return Cap(cap_id, 1, A_DAY, Covers(topics=topics), source="测试")


def test_a_topic_that_nobody_has_registered_is_named_at_its_field_once() -> None:
    caps = (cap("a"), cap("b", "天气", "股市", "股市"), cap("c", "x" * 80))
    assert list(unregistered(caps, (), {"天气"})) == [
        PolicyFault("/caps/1/covers/topics", "topic_unregistered", {"topic": "股市"}),
        PolicyFault("/caps/2/covers/topics", "topic_unregistered", {"topic": "x" * 64}),
    ]


def test_a_cap_in_force_goes_on_naming_what_it_names_and_no_other_may() -> None:
    in_force = (cap("a", "股市"),)
    assert list(unregistered((cap("a", "股市"),), in_force, ())) == []
    [fault] = unregistered((cap("b", "股市"),), in_force, ())
    assert fault.pointer == "/caps/0/covers/topics"
