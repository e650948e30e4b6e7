"""What was pushed before a push: the same story, the topic of the day, the kinds of the day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.facts import HistoryFacts
from app.domain.push import PushRequest
from app.pushes.history_repository import GONE, OPEN, RELEASED, PastPush
from app.pushes.past import Asked, Past
from app.screening.likeness import Story
from tests.fixtures.facts import facts_of

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TITLE = "杭州地铁19号线开通 串联三大枢纽"
AGAIN = "串联三大枢纽 杭州地铁19号线开通了"
OTHER = "全国秋粮收购进展顺利"


def request(title: str = TITLE, **changes: object) -> PushRequest:
    push = facts_of("news", {"push.title": title, "push.body": ""}).push
    return replace(push, **changes)  # type: ignore[arg-type]


def past_push(
    push_id: str, title: str = TITLE, *, hours: float = 2, state: str = OPEN, **changes: object
) -> PastPush:
    story = Story.told_by(title, "")
    at = NOW - timedelta(hours=hours)
    past = PastPush(
        push_id, push_id, "kuaixun-app", "news", None, story.title, story.text, at, state, at
    )
    return replace(past, **changes)  # type: ignore[arg-type]


def asked(push_id: str = "", push: PushRequest | None = None, now: datetime = NOW) -> Asked:
    return Asked(push_id, push or request(AGAIN), "Asia/Shanghai", now, 30, 60, 45)


def before(*pushes: PastPush, of: Asked | None = None) -> HistoryFacts:
    past = Past()
    for one in pushes:
        assert past.take(one)
    assert len(past) == len(pushes)
    return past.before(of or asked())


def test_the_same_story_is_named_with_its_likeness_and_whether_it_went_out() -> None:
    found = before(past_push("psh_one", state=RELEASED), past_push("psh_two", OTHER))
    assert [(one.push_id, one.released) for one in found.retold] == [("psh_one", True)]
    assert found.retold[0].likeness >= 60
    assert found.retold[0].submitted_at == NOW - timedelta(hours=2)


def test_what_never_went_out_lies_elsewhere_or_is_too_old_does_not_count() -> None:
    found = before(
        past_push("psh_gone", state=GONE),
        past_push("psh_far", surface_id="another-app"),
        past_push("psh_old", hours=31 * 24, state=RELEASED),
        past_push("psh_later", hours=-1),
    )
    assert found == HistoryFacts()


def test_a_push_is_not_its_own_double_nor_is_one_that_it_replaces() -> None:
    first = past_push("psh_first", hours=3)
    second = past_push("psh_second", root_id="psh_first", state=RELEASED)
    assert before(first, second, of=asked("psh_second")).retold == ()
    third = asked(push=request(AGAIN, replaces="psh_second"))
    assert before(first, second, of=third).retold == ()
    unknown = asked(push=request(AGAIN, replaces="psh_unknown"))
    assert [one.push_id for one in before(first, of=unknown).retold] == ["psh_first"]


def test_pushes_after_a_push_do_not_count_when_it_is_decided_again() -> None:
    found = before(past_push("psh_own", hours=3), past_push("psh_next"), of=asked("psh_own"))
    assert found.retold == ()


def test_the_topic_of_the_day_counts_by_name_and_by_likeness() -> None:
    named = request(OTHER, topic="地铁")
    found = before(
        past_push("psh_yesterday", hours=20, topic="地铁"),
        past_push("psh_named", "另一篇毫不相干的稿件", topic="地铁"),
        past_push("psh_gone", "再一篇毫不相干的稿件", topic="地铁", state=GONE),
        past_push("psh_alike", OTHER),
        of=asked(push=named),
    )
    assert found.on_topic == 2


def test_releases_of_the_day_count_by_kind_without_the_push_itself() -> None:
    past = Past()
    for number, kind in enumerate(("news", "news", "advertisement", "general")):
        past.take(past_push(f"psh_{number}", OTHER, kind=kind))
    for number in range(4):
        past.became(f"psh_{number}", RELEASED, NOW)
    past.became("psh_1", GONE, NOW)
    past.became("psh_nobody", RELEASED, NOW)
    found = past.before(asked("psh_0"))
    counts = (found.news_today, found.advertisements_today, found.general_today)
    assert counts == (1, 1, 1)
    tomorrow = past.before(asked(now=NOW + timedelta(days=1)))
    assert (tomorrow.news_today, tomorrow.advertisements_today) == (0, 0)


def test_a_row_read_twice_is_taken_in_once() -> None:
    past = Past()
    assert past.take(past_push("psh_one"))
    assert not past.take(past_push("psh_one"))
    assert past.take(past_push("psh_one", state=RELEASED))
    assert not past.take(past_push("psh_one", state=GONE))
