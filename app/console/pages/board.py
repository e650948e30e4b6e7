"""The lead's board: queue, throughput, people, missed deadlines and rules; each as CSV too."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.audit.events import AuditKind
from app.audit.record import record
from app.clock import BEIJING
from app.console.charts import Chart, Series, percent, stacked
from app.console.csv_file import Cell, csv_file
from app.console.days import asked_days
from app.console.desk.names import Names, names_for
from app.console.desk.rule_names import RuleNames, rule_names
from app.console.forms import Form
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.errors import NotFound, Words
from app.review.board import MOST_DAYS, Board, BoardReport, JudgedRule, Person
from app.review.board_repository import Days
from app.review.haste import LETTERS_A_SECOND
from app.review.health import Health
from app.review.pace import FORECAST_HOURS

pages = Pages()

HERE: Final = "/console/board"
FILES: Final = ("queue", "people", "rules", "forecast")
_VERDICTS: Final = (("approve", "kind-c"), ("return", "kind-b"), ("refuse", "stop"))


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with their figures."""

    name: str
    person: Person
    fast: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in a few words, its topic, its figures and of a hundred holds how many were upheld."""

    name: str
    topic: str
    rule: JudgedRule
    precision: str


@dataclass(frozen=True, slots=True)
class BoardView:
    """The form, and what the desk did in the time that it names."""

    form: Form
    report: BoardReport
    health: Health
    too_fast: str
    letters_a_second: int
    depth: Chart
    oldest: Chart
    ruled: Chart
    missed: Chart
    forecast: Chart
    people: tuple[PersonLine, ...]
    rules: tuple[RuleLine, ...]
    files: tuple[str, ...]
    query: str


@pages.get(HERE, Permission.BOARD_READ)
async def board(visit: Visit) -> Response:
    """Show the last seven days, or the days that are asked for."""
    days, form = _asked(visit)
    report = await Board(visit.services.db).report(days, visit.now())
    health = await visit.services.review.health.now()
    names, rules = await names_for(visit), await rule_names(visit)
    view = BoardView(
        form=form,
        report=report,
        health=health,
        too_fast=percent(report.too_fast, report.timed),
        letters_a_second=LETTERS_A_SECOND,
        depth=_chart(
            visit, report, "depth", [("waiting", "main", [s.depth for s in report.steps])]
        ),
        oldest=_chart(
            visit, report, "oldest", [("minutes", "kind-b", [s.oldest // 60 for s in report.steps])]
        ),
        ruled=_chart(
            visit, report, "ruled",
            [(v, tone, [s.verdicts.get(v, 0) for s in report.steps]) for v, tone in _VERDICTS],
        ),
        missed=_chart(
            visit, report, "missed",
            [("late", "kind-b", [s.late for s in report.steps]),
             ("expired", "stop", [s.expired for s in report.steps])],
        ),
        forecast=_forecast(visit, health),
        people=tuple(_person(one, names, visit) for one in report.people),
        rules=tuple(_rule(one, rules) for one in report.rules),
        files=FILES,
        query=visit.request.url.query,
    )  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.faults else HTTPStatus.OK
    return await render(visit, "desk/board.html", view, status=status)


@pages.get(HERE + "/export/{what}", Permission.BOARD_READ)
async def export(visit: Visit) -> Response:
    """Send one part of the board as a file, people by their ids; who took it is noted."""
    what = visit.path("what")
    if what not in FILES:
        raise NotFound(Words("没有这个文件", "There is no such file"))
    days, _ = _asked(visit)
    head, rows = await _table(visit, what, days)
    noted = {"what": f"board-{what}", "query": visit.request.url.query[:200], "rows": len(rows)}
    now = visit.now()
    await visit.services.db.write(
        lambda tx: record(tx, now, AuditKind.REVIEW_EXPORTED, visit.actor, "board", **noted)
    )
    return csv_file(f"board-{what}", head, rows)


async def _table(
    visit: Visit, what: str, days: Days
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    if what == "forecast":
        lost = (await visit.services.review.health.now()).lost_by_hour
        return ("hours_from_now", "expire_unruled"), list(enumerate(lost))
    report = await Board(visit.services.db).report(days, visit.now())
    kinds = tuple(verdict for verdict, _ in _VERDICTS)
    if what == "people":
        head = ("person", *kinds, "median_seconds", "timed", "too_fast", "claims_now")
        return head, [
            (
                one.person.removeprefix("staff:"), *(one.verdicts.get(v, 0) for v in kinds),
                "" if one.median is None else one.median, one.timed, one.too_fast, one.claims,
            )
            for one in report.people
        ]  # fmt: skip
    if what == "rules":
        head = ("rule", "holds", "upheld", "overridden", "precision")
        return head, [
            (one.rule, one.holds, one.upheld, one.overridden, percent(one.upheld, one.holds))
            for one in report.rules
        ]
    head = ("from", "most_waiting", "oldest_seconds", *kinds, "late", "expired")
    return head, [
        (one.label, one.depth, one.oldest, *(one.verdicts.get(v, 0) for v in kinds), one.late,
         one.expired)
        for one in report.steps
    ]  # fmt: skip


def _asked(visit: Visit) -> tuple[Days, Form]:
    """Return the days that the address names."""
    (since, until), form = asked_days(visit, MOST_DAYS)
    return Days(since, until), form


def _chart(
    visit: Visit, report: BoardReport, name: str, series: list[tuple[str, str, list[int]]]
) -> Chart:
    return stacked(
        visit.t(f"board.{name}"),
        tuple(step.label for step in report.steps),
        [Series(visit.t(f"board.series.{key}"), tone, tuple(v)) for key, tone, v in series],
    )


def _forecast(visit: Visit, health: Health) -> Chart:
    labels = tuple(
        (health.at + timedelta(hours=n)).astimezone(BEIJING).strftime("%H:%M")
        for n in range(FORECAST_HOURS)
    )
    series = Series(visit.t("board.series.lost"), "stop", health.lost_by_hour)
    return stacked(visit.t("board.forecast"), labels, [series])


def _person(one: Person, names: Names, visit: Visit) -> PersonLine:
    return PersonLine(names.person(one.person, visit.t), one, percent(one.too_fast, one.timed))


def _rule(one: JudgedRule, rules: RuleNames) -> RuleLine:
    topic = rules.topics.get(one.rule, "")
    return RuleLine(rules.name(one.rule), topic, one, percent(one.upheld, one.holds))
