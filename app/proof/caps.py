"""What the proof of promise 3 puts in, and the sums that have to hold whatever was killed."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.client.answers import PushStatus
from app.demo.cast import PUBLISHER
from app.demo.wire import Body, push
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Counts, Covers, Per, Rolling
from app.domain.push import ContentKind
from app.domain.state import PushState
from app.proof.counts import Line

_HOUR: Final = 3600
_TOPICS: Final = 5
_COMMON: Final = 3
"""How many pushes the first topic has for each one of the others, so that its share is full."""
_SHARE: Final = "share"


@dataclass(frozen=True, slots=True)
class CapsPlan:
    """How much of everything: every push goes to all recipients, who are full of it soon.

    `scale` is how many times the smallest limits each recipient may get. `lease_seconds` is for how
    long what a dispatcher had in hand waits when it was killed. `calm` are the shortest
    and the longest time in seconds between two kills; with each they grow by the factor `calms`, so
    that a slow machine comes to an end too. `loses` is the share of all pieces between dispatchers
    and counters that is lost.
    """

    pushes: int
    recipients: int
    scale: int
    lease_seconds: int
    dispatchers: int
    calm: tuple[float, float]
    calms: float
    loses: float

    @property
    def rulings(self) -> int:
        """Every push is approved."""
        return self.pushes

    @property
    def decisions(self) -> int:
        """How often it is decided whether one recipient has room for one push."""
        return self.pushes * self.recipients

    @property
    def caps(self) -> tuple[Cap, ...]:
        """All caps: each recipient's own, those of all recipients together, and the share."""
        return (*self.own, *self.together, self.share)

    @property
    def own(self) -> tuple[Cap, ...]:
        """Six caps; the hour and the topics bind first, the others may never be reached."""
        general = Covers(kinds=(ContentKind.GENERAL,))
        provider, topic = (Per.RECIPIENT, Per.PROVIDER), (Per.RECIPIENT, Per.TOPIC)
        scale, source = self.scale, "用于验证 · for a proof"
        week = Calendar(CalendarUnit.WEEK)
        return (
            Cap("hour", 4 * scale, Rolling(_HOUR), source=source),
            Cap("topic", scale, A_DAY, per=topic, source=source),
            Cap("day", 5 * scale, A_DAY, source=source),
            Cap("general", 5 * scale, A_DAY, general, source=source),
            Cap("provider", 5 * scale, A_DAY, per=provider, source=source),
            Cap("week", 6 * scale, week, source=source),
        )

    @property
    def together(self) -> tuple[Cap, ...]:
        """Caps that count all recipients together: the surface and the topics are full soon."""
        most, source = self.scale * self.recipients, "用于验证 · for a proof"
        return (
            Cap("surface", 7 * most // 2, A_DAY, per=(Per.SURFACE,), source=source),
            Cap("topic-all", 4 * most // 5, A_DAY, per=(Per.TOPIC,), source=source),
            Cap("sender-hour", 7 * most // 2, Rolling(_HOUR), per=(Per.PROVIDER,), source=source),
        )

    @property
    def share(self) -> Cap:
        """No topic more than a quarter of the surface's pushes, taken as half the plan's."""
        return Cap(
            _SHARE,
            max(self.pushes // 2, 8),
            A_DAY,
            per=(Per.SURFACE, Per.TOPIC),
            counts=Counts.PUSHES,
            percent=25,
            source="用于验证 · for a proof",
        )

    def tokens(self) -> list[str]:
        """Return the recipients that every push is addressed to."""
        return [f"r_{number:05d}" for number in range(self.recipients)]

    def topic_of(self, number: int) -> str:
        """Return the topic of a push by its number; the first is the most common."""
        return f"t{max(number % (_TOPICS + _COMMON - 1) - _COMMON + 1, 0)}"

    def body(self, number: int, surface_id: str, tokens: Sequence[str], now: datetime) -> Body:
        """Return a notice about one of the topics."""
        return push(
            "general",
            f"您关注的第 {number} 项日程有更新",
            "更新内容可在“我的 · 日程”中查看。",
            PUBLISHER.display_name,
            external_id=f"caps-{number}",
            surface=surface_id,
            topic=self.topic_of(number),
            audience={"kind": "recipients", "recipients": list(tokens)},
            expires_at=(now + timedelta(hours=48)).isoformat(),
        )


def full_caps_plan() -> CapsPlan:
    """Return the full run: a million decisions, 64 rows at a time in two dispatchers.

    Of the pushes about a quarter are left out by their topic's share before anything is counted.
    """
    return CapsPlan(136, 10_000, 6, 15, 2, (4.0, 12.0), 1.0, 0.005)


def small_caps_plan() -> CapsPlan:
    """Return a small run of a few seconds."""
    return CapsPlan(8, 4, 1, 3, 2, (1.5, 4.0), 1.1, 0.01)


@dataclass(frozen=True, slots=True)
class CapsRun:
    """What was seen from outside: all pushes at the end, and what each device got.

    `began` and `ended` are when dispatchers could hand over, `disturbed` what was done to them.
    """

    after: Sequence[PushStatus]
    got: Mapping[str, Sequence[Mapping[str, Any]]]
    again: int
    began: datetime
    ended: datetime
    days: int
    disturbed: Mapping[str, int]


def counted(plan: CapsPlan, run: CapsRun) -> dict[str, str]:
    """Return the topic by push of those that the share has let out."""
    return {
        one.id: plan.topic_of(number)
        for number, one in enumerate(run.after)
        if _SHARE not in one.raw.get("left_out_by", {})
    }


def reconcile_caps(plan: CapsPlan, run: CapsRun) -> Iterator[Line]:
    """Yield every sum that has to hold."""
    outcomes: Counter[str] = Counter()
    for one in run.after:
        outcomes.update({k: n for k, n in (one.delivery or {}).items() if k != "recipients"})
    fetched = sum(map(len, run.got.values()))
    named = " + ".join(f"{name} {number}" for name, number in sorted(outcomes.items()) if number)
    released = sum(one.state is PushState.RELEASED for one in run.after)
    ids = [[popup["push_id"] for popup in got] for got in run.got.values()]
    yield Line("已下发", "pushes released", released, plan.pushes)
    yield Line("收件结果合计", named, outcomes.total(), plan.decisions)
    yield Line("收件箱接收 = 设备取得", "accepted = fetched", outcomes["accepted"], fetched)
    yield Line("重复的弹窗", "popups got twice", sum(len(one) - len(set(one)) for one in ids), 0)
    yield Line("再次取件", "popups at a second look", run.again, 0)
    yield from _own_at_most(plan, run)
    yield from _together_at_most(plan, run)
    yield _share_at_most(plan, run)


def _own_at_most(plan: CapsPlan, run: CapsRun) -> Iterator[Line]:
    """Yield for each cap the most that one recipient got, against what its windows allow."""
    most = max(map(len, run.got.values()), default=0)
    topics = _topics(plan, run)
    on_topic = max((max(one.values(), default=0) for one in topics), default=0)
    for cap in plan.own:
        got = on_topic if Per.TOPIC in cap.per else most
        allowed = cap.limit * _windows(cap, run)
        zh, en = f"上限 {cap.id}：单个用户最多", f"cap {cap.id}: most that one got"
        yield Line(zh, en, got, allowed, at_most=True)


def _together_at_most(plan: CapsPlan, run: CapsRun) -> Iterator[Line]:
    """Yield for each cap of all recipients the most that one of its subjects got."""
    topics: Counter[str] = Counter()
    for one in _topics(plan, run):
        topics.update(one)
    for cap in plan.together:
        got = max(topics.values(), default=0) if Per.TOPIC in cap.per else topics.total()
        allowed = cap.limit * _windows(cap, run)
        zh, en = f"上限 {cap.id}：全体用户合计", f"cap {cap.id}: all recipients together"
        yield Line(zh, en, got, allowed, at_most=True)


def _share_at_most(plan: CapsPlan, run: CapsRun) -> Line:
    """Return how many pushes of the most common topic went out, against its share of all."""
    out = counted(plan, run)
    most = max(Counter(out.values()).values(), default=0)
    allowed = plan.share.allowed_of(len(out)) * run.days
    zh, en = "占比上限：单个主题的推送", f"cap {_SHARE}: pushes of one topic"
    return Line(zh, en, most, allowed, at_most=True)


def _topics(plan: CapsPlan, run: CapsRun) -> list[Counter[str]]:
    """Return how many popups of each topic each recipient got."""
    topics = {one.id: plan.topic_of(number) for number, one in enumerate(run.after)}
    return [Counter(topics[popup["push_id"]] for popup in got) for got in run.got.values()]


def _windows(cap: Cap, run: CapsRun) -> int:
    """Return how many windows of a cap a run may have touched."""
    if isinstance(cap.window, Rolling):
        return math.ceil((run.ended - run.began) / timedelta(seconds=_HOUR))
    return run.days if cap.window == A_DAY else 1


def under_use(plan: CapsPlan, run: CapsRun) -> str:
    """Return how much less recipients got than they could have: what kills have cost."""
    hour, surface, topic = plan.own[0], plan.together[0], plan.together[1]
    on_topics = Counter(counted(plan, run).values())
    of_topics = sum(
        min(topic.limit, min(number, plan.scale) * plan.recipients) for number in on_topics.values()
    )
    possible = min(hour.limit * plan.recipients, surface.limit, of_topics)
    fetched = sum(map(len, run.got.values()))
    lacking = max(0, possible - fetched)
    return (
        f"少发 · under-use: {lacking} of {possible} slots "
        f"({100 * lacking / max(possible, 1):.2f} %), free again when their windows end"
    )
