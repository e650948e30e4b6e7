"""The parity report: a file of token and group for one run, compared and kept nowhere."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Final

from fastapi import Response
from starlette.datastructures import UploadFile  # noqa: TID251 - FastAPI's own is another class

from app.clock import beijing_day
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.domain.parity import SMALLEST_GROUP
from app.errors import Invalid
from app.reports.parity import LONGEST_DAYS, Measured, Parity, ParityReport, said_p

pages = Pages()

PATH: Final = "/console/policy/parity"
_MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One thing that was compared: (group, total, per hundred members), and what the test says."""

    name: str
    groups: tuple[tuple[str, int, str], ...]
    verdict: str
    p: str


@dataclass(frozen=True, slots=True)
class ParityView:
    """The form, and once it was sent in, the report."""

    form: Form
    surfaces: tuple[tuple[str, str], ...]
    smallest: int
    longest: int
    report: ParityReport | None
    surface: str
    sizes: tuple[tuple[str, int], ...]
    lines: tuple[MeasureLine, ...]


@pages.get(PATH, Permission.PARITY_RUN)
async def ask(visit: Visit) -> Response:
    """Show the form, over the last thirty days."""
    today = beijing_day(visit.now())
    start = {"first": (today - _MONTH).isoformat(), "last": today.isoformat()}
    return await _show(visit, filled(start), None)


@pages.post(PATH, Permission.PARITY_RUN)
async def compare(visit: Visit) -> Response:
    """Show the report; there is nothing to come back to, so it is the answer itself."""
    first, last = _day(visit.field("first")), _day(visit.field("last"))
    surface = (await visit.services.register.current()).surface(visit.field("surface"))
    upload = visit.form.get("file")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    missing = (("first", first), ("last", last), ("surface", surface), ("file", data or None))
    faults = [
        Fault(name, visit.t(f"parity.need.{name}")) for name, value in missing if value is None
    ]
    if first is None or last is None or surface is None or faults:
        return await _show(visit, typed(visit, faults), None, HTTPStatus.UNPROCESSABLE_ENTITY)
    parity = Parity(visit.services.db, visit.services.clock)
    lines = await asyncio.to_thread(data.splitlines)
    try:
        report = await parity.compare(visit.actor, surface, first, last, lines)
    except Invalid as error:
        return await _show(visit, refused(visit, error), None, error.status_code)
    return await _show(visit, typed(visit), report)


async def _show(
    visit: Visit, form: Form, report: ParityReport | None, status: int = HTTPStatus.OK
) -> Response:
    surfaces = (await visit.services.register.current()).surfaces
    view = ParityView(
        form=form,
        surfaces=tuple((one.id, one.name) for one in surfaces.values()),
        smallest=SMALLEST_GROUP,
        longest=LONGEST_DAYS,
        report=report,
        surface="" if report is None else surfaces[report.surface_id].name,
        sizes=() if report is None else tuple(zip(report.groups, report.sizes, strict=True)),
        lines=() if report is None else tuple(_line(report, one) for one in report.measures),
    )
    return await render(visit, "policy/parity.html", view, status=status)


def _line(report: ParityReport, one: Measured) -> MeasureLine:
    return MeasureLine(
        name=one.name,
        groups=tuple(
            (group, total, f"{100 * total / size:.1f}")
            for group, total, size in zip(report.groups, one.totals, report.sizes, strict=True)
        ),
        verdict=one.verdict,
        p="" if one.p is None else said_p(one.p),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
