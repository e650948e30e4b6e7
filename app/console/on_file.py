"""What a provider's page shows of its papers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.console.texts import Texts
from app.domain.facts import Limit
from app.domain.registers import (
    ASKED_OF_ALL,
    Agreement,
    AlgorithmFiling,
    ConsentBasis,
    Paper,
    PolicyDocument,
)
from app.providers.filed import FiledPaper
from app.providers.register import RegisterSnapshot
from app.rules.deadlines import LIMITS, Deadline, deadlines

_SORTS: dict[str, type[Paper]] = {
    "policy": PolicyDocument,
    "algorithm": AlgorithmFiling,
    "agreement": Agreement,
    "consent": ConsentBasis,
}


def papers_of(register: RegisterSnapshot, provider_id: str) -> dict[str, tuple[FiledPaper, ...]]:
    """Return the papers of a provider by sort, those that count before the revoked ones."""
    own = [one for one in register.papers if one.provider_id == provider_id]
    own.sort(key=lambda one: one.revoked_at is not None)
    return {
        name: tuple(one for one in own if isinstance(one.paper, sort))
        for name, sort in _SORTS.items()
    }


def policies_missing(register: RegisterSnapshot, provider_id: str, t: Texts) -> tuple[str, ...]:
    """Return the policy documents, by name, that every provider needs and this one lacks."""
    held = {one.kind for one in register.on_file(provider_id).policies}
    return tuple(t(f"paper.policy_kind.{kind}") for kind in ASKED_OF_ALL if kind not in held)


@dataclass(frozen=True, slots=True)
class ShownDeadline:
    """A deadline of a filing as a page shows it; `days` are left, fewer than none when overdue."""

    step: str
    since: date
    due: date
    is_arranged: bool
    done_on: date | None
    was_late: bool
    is_overdue: bool
    days: int


def deadlines_of(
    papers: Iterable[FiledPaper], limits: Iterable[Limit], today: date
) -> Mapping[str, tuple[ShownDeadline, ...]]:
    """Return the deadlines of the filings that stand, by the paper's id; `limits` are the pack's.

    Empty where the pack in force is not known: then nobody can say within how many days.
    """
    numbers = {limit.name: limit.value for limit in limits}
    if not numbers:
        return {}
    days = {step: numbers[name] for step, name in LIMITS.items()}
    return {
        one.id: tuple(_shown(found, today) for found in deadlines(one.paper, days))
        for one in papers
        if isinstance(one.paper, AlgorithmFiling) and one.revoked_at is None
    }


def _shown(found: Deadline, today: date) -> ShownDeadline:
    return ShownDeadline(
        step=found.step.value,
        since=found.since,
        due=found.due.day,
        is_arranged=found.due.is_arranged,
        done_on=found.done_on,
        was_late=found.was_late,
        is_overdue=found.is_overdue(today),
        days=(found.due.day - today).days,
    )
