"""Adding up what a proof run did: every number twice, from inside and from outside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.client.answers import PushStatus
from app.clock import beijing_day
from app.domain.state import PushState
from app.proof.plan import Plan


@dataclass(frozen=True, slots=True)
class Run:
    """What was seen from outside.

    `verdicts` are the rulings that the reviewers' forms gave; `got` are the popups that each
    recipient's device took from its inbox, `again` how many a second look found; `days` is how
    many calendar days the run touched.
    """

    submitted: Sequence[PushStatus]
    verdicts: Mapping[str, int]
    after: Sequence[PushStatus]
    got: Mapping[str, Sequence[Mapping[str, Any]]]
    again: int
    days: int


@dataclass(frozen=True, slots=True)
class Line:
    """One number, what it has to be, and whether it is."""

    zh: str
    en: str
    value: int
    expected: int
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the number is what it has to be."""
        return self.value <= self.expected if self.at_most else self.value == self.expected

    def text(self) -> str:
        """Return the line of the report."""
        sign = "≤" if self.at_most else "="
        mark = "✓" if self.holds else "×"
        return f"{mark} {self.zh} · {self.en}: {self.value} {sign} {self.expected}"


def reconcile(plan: Plan, run: Run) -> list[Line]:
    """Return every sum that has to come out exactly."""
    return [*_decided(plan, run), *_ruled(plan, run), *_delivered(plan, run), *_received(plan, run)]


def days_touched(began: datetime, ended: datetime) -> int:
    """Return how many calendar days in Beijing a run touched: most caps are ones of days."""
    return (beijing_day(ended) - beijing_day(began)).days + 1


def _decided(plan: Plan, run: Run) -> list[Line]:
    states = Counter(one.state for one in run.submitted)
    held, blocked = states[PushState.IN_REVIEW], states[PushState.BLOCKED]
    return [
        Line("提交的推送", "pushes submitted", len(run.submitted), plan.pushes),
        Line(
            "不同的推送编号", "different ids", len({one.id for one in run.submitted}), plan.pushes
        ),
        Line("待审核 + 拦截", f"held {held} + blocked {blocked}", held + blocked, plan.pushes),
    ]


def _ruled(plan: Plan, run: Run) -> list[Line]:
    before = Counter(one.state for one in run.submitted)
    after = Counter(one.state for one in run.after)
    given = Counter(run.verdicts)
    held = before[PushState.IN_REVIEW]
    return [
        Line("人工裁定", "rulings by the console's forms", given.total(), min(plan.rulings, held)),
        Line("已下发 = 通过", "released = approved", after[PushState.RELEASED], given["approve"]),
        Line("已驳回 = 驳回", "refused", after[PushState.REFUSED], given["refuse"]),
        Line("已退回 = 退回", "returned", after[PushState.RETURNED], given["return"]),
        Line("仍待审核", "still in review", after[PushState.IN_REVIEW], held - given.total()),
        Line("仍为拦截", "still blocked", after[PushState.BLOCKED], before[PushState.BLOCKED]),
    ]


def _delivered(plan: Plan, run: Run) -> list[Line]:
    outcomes: Counter[str] = Counter()
    odd = 0
    for one in _released(run):
        found = {name: n for name, n in (one.delivery or {}).items() if name != "recipients"}
        outcomes.update(found)
        odd += sum(found.values()) != plan.recipients
    approved = run.verdicts.get("approve", 0)
    named = " + ".join(f"{name} {number}" for name, number in sorted(outcomes.items()) if number)
    return [
        Line("收件结果合计", named or "outcomes", outcomes.total(), approved * plan.recipients),
        Line("合计不符的推送", "pushes whose outcomes do not add up", odd, 0),
        Line("收件箱接收 = 设备取得", "accepted = fetched", outcomes["accepted"], _fetched(run)),
        Line(
            "接收 + 超出上限",
            "accepted + capped",
            outcomes["accepted"] + outcomes["capped"],
            approved * plan.recipients,
        ),
    ]


def _received(plan: Plan, run: Run) -> list[Line]:
    approved = {one.id for one in _released(run)}
    most = max((len(got) for got in run.got.values()), default=0)
    foreign = sum(popup["push_id"] not in approved for got in run.got.values() for popup in got)
    twice = sum(len(got) - len({popup["push_id"] for popup in got}) for got in run.got.values())
    lines = [
        Line("取件的接收用户", "recipients who looked", len(run.got), plan.recipients),
        Line("单个用户最多", "most that one got", most, plan.cap * run.days, at_most=True),
        Line("未经通过的弹窗", "popups that nobody approved", foreign, 0),
        Line("重复的弹窗", "popups got twice", twice, 0),
        Line("再次取件", "popups at a second look", run.again, 0),
    ]
    if run.days == 1:
        due = min(plan.cap, len(approved)) * plan.recipients
        lines.append(Line("弹窗总数", "popups in all", _fetched(run), due))
    return lines


def _released(run: Run) -> list[PushStatus]:
    return [one for one in run.after if one.state is PushState.RELEASED]


def _fetched(run: Run) -> int:
    return sum(len(got) for got in run.got.values())
