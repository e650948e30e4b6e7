"""What is wrong with a proposed exemption from caps, each fault at its field, in both languages."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.exemptions import LONGEST, Exempted
from app.domain.policy_faults import FURTHEST
from app.errors import FieldProblem, Words

LONGEST_NAME: Final = 64
LONGEST_BASIS: Final = 200
LONGEST_REASON: Final = 500
_JUST_NOW: Final = timedelta(minutes=5)
"""What a form may take to be filled in: a start this long ago means at once."""


@dataclass(frozen=True, slots=True)
class NewExemption:
    """What somebody wants exempted; without `starts_at` it starts when it is approved."""

    name: str
    caps: tuple[str, ...]
    pushes: Exempted
    reason: str
    basis: str
    starts_at: datetime | None
    ends_at: datetime


def problems(
    new: NewExemption, now: datetime, caps: Collection[str], topics: Collection[str]
) -> tuple[FieldProblem, ...]:
    """Return everything that is wrong; `caps` are those in force, `topics` those registered."""
    return (
        *_texts(new),
        *_names(new, caps, topics),
        *_times(new, now),
        *reason_problems(new.reason),
    )


def reason_problems(reason: str) -> tuple[FieldProblem, ...]:
    """Return what is wrong with a reason: none, or too long."""
    if reason.strip() and len(reason) <= LONGEST_REASON and "\0" not in reason:
        return ()
    return (
        _problem(
            "/reason", "required", f"请填写理由，最多 {LONGEST_REASON} 个字",
            f"A reason is required, at most {LONGEST_REASON} characters",
        ),
    )  # fmt: skip


def _texts(new: NewExemption) -> Iterator[FieldProblem]:
    for pointer, text, longest in (
        ("/name", new.name, LONGEST_NAME),
        ("/basis", new.basis, LONGEST_BASIS),
    ):
        if not (text.strip() and text.isprintable() and len(text) <= longest):
            yield _problem(
                pointer, "bad_text", f"须为 1 到 {longest} 个可见字符",
                f"1 to {longest} printable characters",
            )  # fmt: skip


def _names(
    new: NewExemption, caps: Collection[str], topics: Collection[str]
) -> Iterator[FieldProblem]:
    if not new.caps:
        yield _problem("/caps", "required", "请选择要豁免的上限", "Choose the caps to exempt from")
    elif not set(new.caps) <= set(caps):
        yield _problem("/caps", "unknown", "现行策略中没有这个上限", "No cap in force has this id")
    pushes = new.pushes
    if not any((pushes.surfaces, pushes.providers, pushes.topics)):
        yield _problem(
            "/surfaces", "too_broad",
            "请至少指定展示端、服务提供者或话题之一；豁免不能针对全部推送",
            "Name a surface, a provider or a topic: an exemption is never for all pushes",
        )  # fmt: skip
    lost = [topic for topic in pushes.topics if topic not in topics]
    if lost:
        yield _problem(
            "/topics", "topic_unregistered", f"话题“{lost[0][:64]}”未登记",
            f"The topic “{lost[0][:64]}” is not registered",
        )  # fmt: skip


def _times(new: NewExemption, now: datetime) -> Iterator[FieldProblem]:
    starts = new.starts_at or now
    if starts < now - _JUST_NOW:
        yield _problem("/starts", "date_past", "开始时间已过去", "The start is in the past")
    elif starts > now + FURTHEST:
        yield _problem(
            "/starts", "date_too_far", f"开始时间须在 {FURTHEST.days} 天之内",
            f"The start is at most {FURTHEST.days} days ahead",
        )  # fmt: skip
    if new.ends_at <= max(starts, now):
        yield _problem(
            "/ends", "ends_before", "结束时间须晚于开始时间和现在",
            "The end is after the start, and after now",
        )  # fmt: skip
    elif new.ends_at - max(starts, now) > LONGEST:
        yield _problem(
            "/ends", "too_long", f"豁免最长 {LONGEST.days} 天",
            f"An exemption lasts at most {LONGEST.days} days",
        )  # fmt: skip


def _problem(pointer: str, code: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(pointer, code, Words(zh, en))
