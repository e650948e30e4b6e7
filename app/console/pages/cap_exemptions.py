"""Exemptions from caps: which stand, what each has let through, proposing, approving, ending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.clock import BEIJING
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.pages.topics import registered, topic_names
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.delivery.exempted_repository import UseOfExemption
from app.domain.exemptions import MOST_LIVE, Exempted
from app.errors import Invalid
from app.policy.exemption_faults import LONGEST_BASIS, LONGEST_NAME, NewExemption
from app.policy.exemption_repository import CapExemption
from app.policy.sentences import sentence

pages = Pages()

LIST: Final = "/console/policy/exemptions"
_NEW: Final = "/console/policy/exemptions/new"


@dataclass(frozen=True, slots=True)
class ExemptionLine:
    """An exemption, how it stands now, which pushes it is about, and whom it has let through."""

    one: CapExemption
    standing: str
    pushes: tuple[tuple[str, tuple[str, ...]], ...]
    recipients: int
    is_mine: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """Drafts, those in force or to come, and those that are over; how many may stand."""

    drafts: tuple[ExemptionLine, ...]
    standing: tuple[ExemptionLine, ...]
    past: tuple[ExemptionLine, ...]
    names: Names
    most: int


@dataclass(frozen=True, slots=True)
class OneView:
    """One exemption with the pushes that used it and how often each cap was not asked."""

    line: ExemptionLine
    uses: tuple[UseOfExemption, ...]
    by_cap: tuple[tuple[str, int], ...]
    names: Names
    form: Form


@dataclass(frozen=True, slots=True)
class NewView:
    """The form and what there is to choose from."""

    form: Form
    caps: tuple[tuple[str, str, str], ...]
    surfaces: tuple[tuple[str, str, str], ...]
    providers: tuple[tuple[str, str, str], ...]
    topics: tuple[tuple[str, str, str], ...]
    longest_name: int
    longest_basis: int
    most: int


@pages.get(LIST, Permission.POLICY_READ)
async def exemptions(visit: Visit) -> Response:
    """Show every exemption."""
    lines = [await _line(visit, one) for one in await visit.services.policies.exemptions.all()]
    view = ListView(
        drafts=tuple(one for one in lines if one.standing == "draft"),
        standing=tuple(one for one in lines if one.standing in {"live", "coming"}),
        past=tuple(one for one in lines if one.standing in {"over", "ended", "discarded"}),
        names=await names(visit),
        most=MOST_LIVE,
    )
    return await render(visit, "policy/exemptions.html", view)


@pages.get(_NEW, Permission.POLICY_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form."""
    return await _ask(visit, filled({}))


@pages.post(_NEW, Permission.POLICY_WRITE)
async def propose(visit: Visit) -> Response:
    """Keep an exemption as a draft."""
    starts, ends = _instant(visit.field("starts")), _instant(visit.field("ends"))
    faults = [
        Fault(name, visit.t("cap_exemptions.bad_instant"))
        for name, instant in (("starts", starts), ("ends", ends))
        if instant is None and (visit.field(name) or name == "ends")
    ]
    surfaces, providers = await _known(visit)
    chosen = {name: tuple(visit.fields(name)) for name in ("surfaces", "providers")}
    faults += [
        Fault(name, visit.t("policy.fault.choice"))
        for name, known in (("surfaces", surfaces), ("providers", providers))
        if not set(chosen[name]) <= known.keys()
    ]
    if faults or ends is None:
        return await _ask(visit, typed(visit, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
    new = NewExemption(
        name=visit.field("name").strip(),
        caps=tuple(visit.fields("caps")),
        pushes=Exempted(topics=tuple(visit.fields("topics")), **chosen),
        reason=visit.field("reason").strip(),
        basis=visit.field("basis").strip(),
        starts_at=starts,
        ends_at=ends,
    )
    try:
        await visit.services.policies.exemptions.propose(visit.member.id, new)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("cap_exemptions.proposed"))


@pages.get("/console/policy/exemptions/{exemption_id}", Permission.POLICY_READ)
async def exemption(visit: Visit) -> Response:
    """Show one exemption and what it has let through."""
    return await _show(visit, Form())


@pages.post("/console/policy/exemptions/{exemption_id}/approve", Permission.POLICY_APPROVE)
async def approve(visit: Visit) -> Response:
    """Put an exemption in force; whoever proposed it is refused."""
    exemption_id = visit.path("exemption_id")
    await visit.services.policies.exemptions.approve(exemption_id, visit.member.id)
    return redirect(visit, LIST, Flash("cap_exemptions.approved"))


@pages.post("/console/policy/exemptions/{exemption_id}/discard", Permission.POLICY_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop a draft."""
    exemption_id = visit.path("exemption_id")
    await visit.services.policies.exemptions.discard(exemption_id, visit.member.id)
    return redirect(visit, LIST, Flash("policy.discarded_done", "info"))


@pages.post("/console/policy/exemptions/{exemption_id}/end", Permission.POLICY_WRITE)
async def end(visit: Visit) -> Response:
    """End an exemption before its time, on one admin's word."""
    exemption_id = visit.path("exemption_id")
    try:
        await visit.services.policies.exemptions.end(
            exemption_id, visit.member.id, visit.field("reason")
        )
    except Invalid as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("cap_exemptions.ended", "info"))


async def _show(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    one = await visit.services.policies.exemptions.get(visit.path("exemption_id"))
    uses = await visit.services.views.let_through(one.id)
    caps = {cap for use in uses for cap in use.by_cap}
    view = OneView(
        line=await _line(visit, one),
        uses=tuple(uses),
        by_cap=tuple((cap, sum(use.by_cap.get(cap, 0) for use in uses)) for cap in sorted(caps)),
        names=await names(visit),
        form=form,
    )
    return await render(visit, "policy/exemption.html", view, status=status)


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    surfaces, providers = await _known(visit)
    policy = await visit.services.policies.active()
    called = surfaces | providers | await topic_names(visit)
    view = NewView(
        form=form,
        caps=tuple(
            (cap.id, cap.id, visit.t.say(sentence(cap, called)))
            for cap in (() if policy is None else policy.caps)
            if cap.binds
        ),
        surfaces=_choices(surfaces.items()),
        providers=_choices(providers.items()),
        topics=_choices(await registered(visit)),
        longest_name=LONGEST_NAME,
        longest_basis=LONGEST_BASIS,
        most=MOST_LIVE,
    )
    return await render(visit, "policy/exemption_new.html", view, status=status)


def _choices(options: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((value, words, "") for value, words in options)


async def _line(visit: Visit, one: CapExemption) -> ExemptionLine:
    surfaces, providers = await _known(visit)
    topics = await topic_names(visit)
    about = (
        ("surfaces", one.pushes.surfaces, surfaces),
        ("providers", one.pushes.providers, providers),
        ("topics", one.pushes.topics, topics),
    )
    uses = await visit.services.views.let_through(one.id) if one.approved_at else []
    return ExemptionLine(
        one=one,
        standing=_standing(one, visit.services.clock.now()),
        pushes=tuple(
            (key, tuple(called.get(value, value) for value in values))
            for key, values, called in about
            if values
        ),
        recipients=sum(use.recipients for use in uses),
        is_mine=one.proposed_by == visit.member.id,
    )


def _standing(one: CapExemption, now: datetime) -> str:
    if one.state != "active":
        return one.state
    rule = one.as_rule()
    if rule.is_live(now):
        return "live"
    return "coming" if now < rule.starts_at else "over"


async def _known(visit: Visit) -> tuple[dict[str, str], dict[str, str]]:
    register = await visit.services.register.current()
    return (
        {one.id: one.name for one in register.surfaces.values()},
        {one.id: one.display_name for one in register.providers.values()},
    )


def _instant(text: str) -> datetime | None:
    """Return an instant typed in Beijing time; None where it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
