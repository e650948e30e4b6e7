"""What is on file of a provider beside its licences: filing, revoking, who answers for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Final, TypeVar

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.pages.providers import LIST, provider_of
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.registers import (
    Agreement,
    AgreementItem,
    AlgorithmFiling,
    AlgorithmKind,
    ConsentBasis,
    ConsentPurpose,
    ContentClass,
    Paper,
    PolicyDocument,
    PolicyKind,
)
from app.errors import Conflict, Invalid, NotFound
from app.providers.papers import Responsibility
from app.providers.register import Provider

pages = Pages()

Days = dict[str, date | None]
Choice = tuple[str, str, str]
Chosen = TypeVar("Chosen", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class PaperFormView:
    """The form of a paper; `sort` says which of the four kinds it is."""

    form: Form
    provider: Provider
    sort: str
    kinds: tuple[tuple[str, str], ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ResponsibilityView:
    """The form of who answers for a provider's content."""

    form: Form
    provider: Provider
    classes: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class _Sort:
    """How one sort of paper is asked for: its days (those that may be empty marked) and choices."""

    days: dict[str, bool]
    kinds: type[StrEnum] | None
    choices: type[StrEnum] | None
    build: Callable[[Visit, Days], Paper]


@pages.get("/console/providers/{provider_id}/papers/{sort}/new", Permission.PROVIDER_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form for a new paper."""
    sort = _sort(visit)
    start = [] if sort.choices is None else [one.value for one in sort.choices]
    kept: dict[str, dict[str, str | list[str]]] = {
        "agreement": {"states": start},
        "algorithm": {"kind": AlgorithmKind.PERSONALISED_PUSH.value},
    }
    return await _ask(visit, filled(kept.get(visit.path("sort"), {})))


@pages.post("/console/providers/{provider_id}/papers/{sort}/new", Permission.PROVIDER_WRITE)
async def add(visit: Visit) -> Response:
    """File a paper."""
    found, sort = await provider_of(visit), _sort(visit)
    days = {name: day_of(visit.field(name)) for name in sort.days}
    faults = [
        Fault(name, visit.t("licence.bad_day"))
        for name, optional in sort.days.items()
        if days[name] is None and (visit.field(name).strip() or not optional)
    ]
    if faults:
        return await _ask(visit, typed(visit, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        await visit.services.papers.file(visit.actor, found.id, sort.build(visit, days))
    except (Invalid, Conflict) as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, f"{LIST}/{found.id}#papers", Flash("paper.added"))


@pages.post("/console/papers/{paper_id}/revoke", Permission.PROVIDER_WRITE)
async def revoke(visit: Visit) -> Response:
    """Make a paper count no longer."""
    register = await visit.services.register.current()
    paper_id = visit.path("paper_id")
    found = next((one for one in register.papers if one.id == paper_id), None)
    if found is None:
        raise NotFound
    await visit.services.papers.revoke(visit.actor, found.id, visit.field("reason"))
    return redirect(visit, f"{LIST}/{found.provider_id}#papers", Flash("paper.revoked_done"))


@pages.get("/console/providers/{provider_id}/responsibility", Permission.PROVIDER_WRITE)
async def ask_responsibility(visit: Visit) -> Response:
    """Show who answers for the provider, as registered."""
    found = await provider_of(visit)
    until = "" if found.verified_until is None else found.verified_until.isoformat()
    form = filled(
        {
            "content_head": found.content_head,
            "chief_editor": found.chief_editor,
            "verified_until": until,
            "content_classes": list(found.content_classes),
        }
    )
    return await _responsibility(visit, form)


@pages.post("/console/providers/{provider_id}/responsibility", Permission.PROVIDER_WRITE)
async def change_responsibility(visit: Visit) -> Response:
    """Replace who answers for the provider."""
    found = await provider_of(visit)
    text = visit.field("verified_until").strip()
    until = day_of(text)
    if text and until is None:
        faults = [Fault("verified_until", visit.t("licence.bad_day"))]
        return await _responsibility(visit, typed(visit, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
    wanted = Responsibility(
        visit.field("content_head"),
        visit.field("chief_editor"),
        until,
        tuple(visit.fields("content_classes")),
    )
    try:
        await visit.services.papers.change_responsibility(visit.actor, found.id, wanted)
    except Invalid as error:
        return await _responsibility(visit, refused(visit, error), error.status_code)
    return redirect(visit, f"{LIST}/{found.id}#papers", Flash("paper.responsibility_saved"))


def day_of(text: str) -> date | None:
    """Return the day that a date field holds; None if it holds none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def lines_of(visit: Visit, name: str) -> tuple[str, ...]:
    """Return the lines of a text area that are not blank."""
    return tuple(line.strip() for line in visit.field(name).splitlines() if line.strip())


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    sort, t = _sort(visit), visit.t
    area = {"algorithm": "algorithm", "policy": "policy"}.get(visit.path("sort"), "")
    view = PaperFormView(
        form,
        await provider_of(visit),
        visit.path("sort"),
        tuple((one.value, t(f"paper.{area}_kind.{one}")) for one in sort.kinds or ()),
        tuple((one.value, t(f"paper.choice.{one}"), "") for one in sort.choices or ()),
    )
    return await render(visit, "providers/paper.html", view, status=status)


async def _responsibility(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    classes = tuple((one.value, t(f"paper.class.{one}"), "") for one in ContentClass)
    view = ResponsibilityView(form, await provider_of(visit), classes)
    return await render(visit, "providers/responsibility.html", view, status=status)


def _sort(visit: Visit) -> _Sort:
    found = _SORTS.get(visit.path("sort"))
    if found is None:
        raise NotFound
    return found


def _given(days: Days, name: str) -> date:
    day = days[name]
    if day is None:  # pragma: no cover - `add` has refused it
        raise NotFound
    return day


def _policy(visit: Visit, days: Days) -> Paper:
    kind = _one_of(PolicyKind, visit.field("kind"))
    version, owner = visit.field("version"), visit.field("owner")
    return PolicyDocument(kind, version, owner, _given(days, "review_by"))


def _algorithm(visit: Visit, days: Days) -> Paper:
    return AlgorithmFiling(
        _one_of(AlgorithmKind, visit.field("kind")),
        lines_of(visit, "models"),
        visit.field("number"),
        days["filed_on"],
        days["changed_on"],
        _given(days, "review_by"),
        visit.field("notice_url"),
        days["started_on"],
        days["altered_on"],
        days["ended_on"],
    )


def _agreement(visit: Visit, days: Days) -> Paper:
    states = tuple(_one_of(AgreementItem, one) for one in visit.fields("states"))
    effective = _given(days, "effective_on")
    return Agreement(visit.field("version"), effective, states, visit.field("url"))


def _consent(visit: Visit, days: Days) -> Paper:
    return ConsentBasis(
        visit.field("reference"),
        tuple(_one_of(ConsentPurpose, one) for one in visit.fields("purposes")),
        lines_of(visit, "fields"),
        visit.field("obtained_by"),
        _given(days, "valid_from"),
        _given(days, "valid_to"),
    )


def _one_of(known: type[Chosen], value: str) -> Chosen:
    try:
        return known(value)
    except ValueError as error:
        raise Invalid from error


_SORTS: Final[dict[str, _Sort]] = {
    "policy": _Sort({"review_by": False}, PolicyKind, None, _policy),
    "algorithm": _Sort(
        {
            "started_on": True,
            "filed_on": True,
            "altered_on": True,
            "changed_on": True,
            "ended_on": True,
            "review_by": False,
        },
        AlgorithmKind,
        None,
        _algorithm,
    ),
    "agreement": _Sort({"effective_on": False}, None, AgreementItem, _agreement),
    "consent": _Sort({"valid_from": False, "valid_to": False}, None, ConsentPurpose, _consent),
}
