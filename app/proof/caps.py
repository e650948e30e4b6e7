"""What the proof of promise 3 puts in, and the sums that have to hold whatever was killed."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.client.answers import PushStatus
from app.demo.cast import PUBLISHER
from app.demo.wire import Body, push
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Covers, Per, Rolling
from app.domain.push import ContentKind
from app.domain.state import PushState
from app.proof.counts import Line

_HOUR: Final = 3600
_TOPICS: Final = 5


@dataclass(frozen=True, slots=True)
class CapsPlan:
    """How much of everything: every push goes to all recipients, who are full of it soon.

    `scale` is how many times the smallest limits each recipient may get. `calm` are the shortest
    and the longest time in seconds between two kills, `loses` the share of all pieces between
    dispatchers and counters that is lost.
    """

    pushes: int
    recipients: int
    scale: int
    dispatchers: int
    calm: tuple[float, float]
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
        """The six caps; the hour and the topics bind first, the others may never be reached."""
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

    def tokens(self) -> list[str]:
        """Return the recipients that every push is addressed to."""
        return [f"r_{number:05d}" for number in range(self.recipients)]

    def topic_of(self, number: int) -> str:
        """Return the topic of a push by its number."""
        return f"t{number % _TOPICS}"

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
    """Return the full run: a million decisions, 64 rows at a time in two dispatchers."""
    return CapsPlan(100, 10_000, 6, 2, (4.0, 12.0), 0.005)


def small_caps_plan() -> CapsPlan:
    """Return a small run of a few seconds."""
    return CapsPlan(6, 8, 1, 2, (1.0, 4.0), 0.01)


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
    yield from _at_most(plan, run)


def _at_most(plan: CapsPlan, run: CapsRun) -> Iterator[Line]:
    """Yield for each cap the most that one recipient got, against what its windows allow."""
    topics = {one.id: plan.topic_of(number) for number, one in enumerate(run.after)}
    hours = math.ceil((run.ended - run.began) / timedelta(seconds=_HOUR))
    most = max(map(len, run.got.values()), default=0)
    on_topic = max(
        itertools.chain.from_iterable(
            Counter(topics[popup["push_id"]] for popup in got).values() for got in run.got.values()
        ),
        default=0,
    )
    for cap in plan.caps:
        windows = hours if isinstance(cap.window, Rolling) else run.days
        windows = 1 if isinstance(cap.window, Calendar) and cap.window != A_DAY else windows
        got = on_topic if Per.TOPIC in cap.per else most
        yield Line(
            f"上限 {cap.id}：单个用户最多",
            f"cap {cap.id}: most that one got",
            got,
            cap.limit * windows,
            at_most=True,
        )


def under_use(plan: CapsPlan, run: CapsRun) -> str:
    """Return how much less recipients got than they could have: what kills have cost."""
    possible = min(plan.caps[0].limit, plan.pushes, _TOPICS * plan.scale) * plan.recipients
    fetched = sum(map(len, run.got.values()))
    lacking = max(0, possible - fetched)
    return (
        f"少发 · under-use: {lacking} of {possible} slots "
        f"({100 * lacking / possible:.2f} %), free again when their windows end"
    )
