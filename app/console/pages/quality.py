"""How well people rule: agreement by chance taken off, pace, and what was judged otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Response

from app.console.desk.names import Names, names_for
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.domain.decision import RulingVerdict
from app.review.agreement import Agreement, agreement, by_two, of_person
from app.review.recheck_repository import Recheck
from app.review.rechecks import FAST, STREAK_OF, Quality
from app.review.ruling_repository import StoredRuling

pages = Pages()

DAYS: Final = (7, 30, 90)
_USUAL_DAYS: Final = 30
_MOST_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One reviewer: rulings, how many of them approve (percent), agreement, and marks."""

    name: str
    given: int
    approved: int
    agreement: Agreement
    fast: int
    streaks: int


@dataclass(frozen=True, slots=True)
class OtherwiseLine:
    """A ruling that a second person would not have given."""

    push_id: str
    cause: str
    ruled: str
    ruled_by: str
    judged: str
    judged_by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class QualityView:
    """The page; `overall` is of what chance chose and of what two persons ruled on."""

    days: int
    choices: tuple[int, ...]
    overall: Agreement
    waiting: int
    done: int
    people: tuple[PersonLine, ...]
    pairs: tuple[tuple[str, str, Agreement], ...]
    otherwise: tuple[OtherwiseLine, ...]


@pages.get("/console/quality", Permission.QUALITY_READ)
async def quality(visit: Visit) -> Response:
    """Show how well people have ruled in the last days."""
    asked = visit.query("days")
    days = int(asked) if asked in {str(one) for one in DAYS} else _USUAL_DAYS
    known = await visit.services.review.rechecks.quality(days)
    names = await names_for(visit)
    compared = known.sampled
    view = QualityView(
        days=days,
        choices=DAYS,
        overall=agreement(compared),
        waiting=known.waiting,
        done=len(known.done),
        people=_people(visit, known, names),
        pairs=tuple(
            (names.person(one, visit.t), names.person(other, visit.t), found)
            for (one, other), found in by_two(compared)[:_MOST_LINES]
        ),
        otherwise=_otherwise(visit, known.done, names),
    )
    return await render(visit, "desk/quality.html", view)


def _people(visit: Visit, known: Quality, names: Names) -> tuple[PersonLine, ...]:
    compared = known.sampled
    persons = dict.fromkeys(person for person, _, _ in known.given)
    lines = []
    for person in persons:
        counts = {verdict: number for one, verdict, number in known.given if one == person}
        marks = {cause: number for one, cause, number in known.marked if one == person}
        given = sum(counts.values())
        lines.append(
            PersonLine(
                name=names.person(person, visit.t),
                given=given,
                approved=round(100 * counts.get(RulingVerdict.APPROVE, 0) / given),
                agreement=agreement(of_person(compared, person)),
                fast=marks.get(FAST, 0),
                streaks=marks.get(STREAK_OF, 0),
            )
        )
    return tuple(sorted(lines, key=lambda line: -line.given))


def _otherwise(
    visit: Visit, done: Sequence[tuple[Recheck, StoredRuling]], names: Names
) -> tuple[OtherwiseLine, ...]:
    approve = RulingVerdict.APPROVE
    return tuple(
        OtherwiseLine(
            push_id=one.push_id,
            cause=one.cause,
            ruled=stored.ruling.verdict.value,
            ruled_by=names.person(one.reviewer, visit.t),
            judged="" if one.verdict is None else one.verdict.value,
            judged_by=names.person(one.by_person or "", visit.t),
            reason=one.reason or "",
            at=visit.t("quality.on", push=one.push_id[-6:]),
        )
        for one, stored in done
        if (one.verdict is approve) is not (stored.ruling.verdict is approve)
    )[:_MOST_LINES]
