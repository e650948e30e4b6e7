"""How much is sent, what caps leave out, how near recipients are to them; all as CSV too."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.clock import BEIJING
from app.console.charts import Chart, Series, shares, stacked
from app.console.days import asked_days
from app.console.forms import Form
from app.console.pages.topics import topic_names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.delivery.usage_repository import Span
from app.policy.sentences import sentence
from app.reports.usage import HOURS, MOST_DAYS, NearCaps, Sums, Usage, UsageReport

pages = Pages()

HERE: Final = "/console/usage"
_TONES: Final = ("kind-a", "kind-b", "kind-c", "kind-d", "kind-e", "kind-f")
_HOURS: Final = tuple(f"{hour:02}" for hour in range(HOURS))


@dataclass(frozen=True, slots=True)
class CapLine:
    """A cap in words, or its id where it is none of those in force: what it has stopped."""

    words: str
    left_out: int
    shadowed: int


@dataclass(frozen=True, slots=True)
class NearLine:
    """How far recipients have used a cap, in fifths and full."""

    words: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UsageView:
    """The form, and the figures and charts of the time that it names."""

    form: Form
    surfaces: tuple[tuple[str, str], ...]
    providers: tuple[tuple[str, str], ...]
    report: UsageReport
    hours: Chart
    days: Chart
    kinds: Chart
    topics: Chart
    caps: tuple[CapLine, ...]
    near: NearCaps
    near_lines: tuple[NearLine, ...]
    query: str


@pages.get(HERE, Permission.USAGE_READ)
async def usage(visit: Visit) -> Response:
    """Show what was sent in the last seven days, or in the time that is asked for."""
    span, form = _asked(visit)
    service = _usage(visit)
    report, near = await service.report(span), await service.near_caps()
    register = await visit.services.register.current()
    surfaces = {one.id: one.name for one in register.surfaces.values()}
    providers = {one.id: one.display_name for one in register.providers.values()}
    called = await topic_names(visit)
    policy = await visit.services.policies.active()
    words = {
        cap.id: visit.t.say(sentence(cap, surfaces | providers | called))
        for cap in (() if policy is None else policy.caps)
    }
    view = UsageView(
        form=form,
        surfaces=tuple(surfaces.items()),
        providers=tuple(providers.items()),
        report=report,
        hours=_sent(visit, "usage.by_hour", dict(zip(_HOURS, report.by_hour, strict=True))),
        days=_sent(visit, "usage.by_day", {day[5:]: one for day, one in report.by_day.items()}),
        kinds=_shares(
            visit, "usage.kinds", {visit.t(f"push_kind.{k}"): v for k, v in report.kinds.items()}
        ),
        topics=_shares(
            visit, "usage.topics", {called.get(k, k): v for k, v in report.topics.items()}
        ),
        caps=tuple(CapLine(words.get(one, one), *pair) for one, pair in report.caps.items()),
        near=near,
        near_lines=tuple(NearLine(words[one.cap.id], one.steps) for one in near.caps),
        query=visit.request.url.query,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.faults else HTTPStatus.OK
    return await render(visit, "usage.html", view, status=status)


@pages.get(HERE + "/export", Permission.USAGE_READ)
async def export(visit: Visit) -> Response:
    """Send the figures by hour and kind, those of the caps after them."""
    span, _ = _asked(visit)
    report = await _usage(visit).report(span)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("hour", "kind", "cap", "everybody", "sent", "left_out", "waiting", "shadowed"))
    for one in report.hours:
        at = one.hour.astimezone(BEIJING).isoformat()
        writer.writerow((at, one.of, "", one.everybody, one.sent, one.left_out, one.waiting, ""))
    for cap_id, (left_out, shadowed) in report.caps.items():
        writer.writerow(("", "", cap_id, "", "", left_out, "", shadowed))
    headers = {"content-disposition": 'attachment; filename="usage.csv"'}
    headers["cache-control"] = "no-store"
    return Response(file.getvalue(), HTTPStatus.OK, headers, media_type="text/csv")


def _usage(visit: Visit) -> Usage:
    services = visit.services
    return Usage(services.db, services.clock, services.policies)


def _asked(visit: Visit) -> tuple[Span, Form]:
    """Return the time, surface and provider that the address names."""
    (since, until), form = asked_days(visit, MOST_DAYS, ("surface", "provider"))
    surface, provider = visit.query("surface") or None, visit.query("provider") or None
    return Span(since, until, surface, provider), form


def _sent(visit: Visit, title: str, sums: Mapping[str, Sums]) -> Chart:
    t, found = visit.t, list(sums.values())
    return stacked(
        t(title),
        tuple(sums),
        (
            Series(t("usage.sent"), "main", tuple(one.sent for one in found)),
            Series(t("usage.left_out"), "stop", tuple(one.left_out for one in found)),
            Series(t("usage.waiting"), "kind-b", tuple(one.waiting for one in found)),
            Series(t("usage.others"), "kind-f", tuple(one.others for one in found)),
        ),
    )


def _shares(visit: Visit, title: str, of: Mapping[str, tuple[int, ...]]) -> Chart:
    series = [Series(name, tone, of[name]) for name, tone in zip(of, _TONES, strict=False)]
    return shares(visit.t(title), _HOURS, series)
