"""The register of advertisers: adding, changing, striking off, and their approvals."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from fastapi import Response

from app.clock import beijing_day
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.pages.papers import day_of
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.registers import AdClass
from app.errors import Conflict, Invalid, NotFound
from app.providers.advertisers import AdvertiserDetails, NewApproval
from app.providers.filed import Advertiser

pages = Pages()

_LIST = "/console/advertisers"
_TEXTS = ("name", "address", "contact", "documents")


@dataclass(frozen=True, slots=True)
class AdvertisersView:
    """What was looked for and what was found."""

    found: tuple[Advertiser, ...]
    text: str
    total: int
    today: date


@dataclass(frozen=True, slots=True)
class AdvertiserFormView:
    """The form of a new or changed advertiser; `advertiser` is None for a new one."""

    form: Form
    advertiser: Advertiser | None


@dataclass(frozen=True, slots=True)
class AdvertiserView:
    """Everything about one advertiser."""

    advertiser: Advertiser
    approval_form: Form
    classes: tuple[tuple[str, str], ...]
    today: date


@pages.get(_LIST, Permission.PROVIDER_READ)
async def advertisers(visit: Visit) -> Response:
    """List the advertisers whose name or code holds the text looked for."""
    everybody = (await visit.services.register.current()).advertisers.values()
    text = visit.query("q")
    wanted = text.casefold()
    found = tuple(
        one
        for one in everybody
        if wanted in one.name.casefold() or wanted in one.credit_code.lower()
    )
    view = AdvertisersView(found, text, len(everybody), beijing_day(visit.now()))
    return await render(visit, "advertisers/list.html", view)


@pages.get("/console/advertisers/new", Permission.PROVIDER_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form for a new advertiser."""
    form = filled({"checked_on": beijing_day(visit.now()).isoformat()})
    return await render(visit, "advertisers/form.html", AdvertiserFormView(form, None))


@pages.post("/console/advertisers/new", Permission.PROVIDER_WRITE)
async def add(visit: Visit) -> Response:
    """Register an advertiser."""
    details, faults = _details(visit)
    if details is None:
        return await _ask(visit, typed(visit, faults), None, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        code = visit.field("credit_code")
        advertiser_id = await visit.services.advertisers.add(visit.actor, code, details)
    except (Invalid, Conflict) as error:
        return await _ask(visit, refused(visit, error), None, error.status_code)
    return redirect(visit, f"{_LIST}/{advertiser_id}", Flash("advertiser.added"))


@pages.get("/console/advertisers/{advertiser_id}", Permission.PROVIDER_READ)
async def advertiser(visit: Visit) -> Response:
    """Show one advertiser with its approvals."""
    return await _show(visit, Form())


@pages.get("/console/advertisers/{advertiser_id}/change", Permission.PROVIDER_WRITE)
async def ask_change(visit: Visit) -> Response:
    """Show the form with what is registered."""
    found = await _found(visit)
    held = {name: str(getattr(found, name)) for name in (*_TEXTS, "checked_on", "valid_to")}
    return await _ask(visit, filled(held), found)


@pages.post("/console/advertisers/{advertiser_id}/change", Permission.PROVIDER_WRITE)
async def change(visit: Visit) -> Response:
    """Replace what was checked; one that was struck off counts again."""
    found = await _found(visit)
    details, faults = _details(visit)
    if details is None:
        return await _ask(visit, typed(visit, faults), found, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        await visit.services.advertisers.change(visit.actor, found.id, details)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), found, error.status_code)
    return redirect(visit, f"{_LIST}/{found.id}", Flash("advertiser.changed"))


@pages.post("/console/advertisers/{advertiser_id}/strike", Permission.PROVIDER_WRITE)
async def strike(visit: Visit) -> Response:
    """Strike an advertiser off."""
    found = await _found(visit)
    await visit.services.advertisers.strike(visit.actor, found.id, visit.field("reason"))
    return redirect(visit, f"{_LIST}/{found.id}", Flash("advertiser.struck_done", "warn"))


@pages.post("/console/advertisers/{advertiser_id}/approvals", Permission.PROVIDER_WRITE)
async def add_approval(visit: Visit) -> Response:
    """Register an approval or qualification."""
    found = await _found(visit)
    until = day_of(visit.field("valid_to"))
    if until is None:
        form = typed(visit, [Fault("valid_to", visit.t("licence.bad_day"))])
        return await _show(visit, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    new = NewApproval(visit.field("ad_class"), visit.field("number"), until)
    try:
        await visit.services.advertisers.add_approval(visit.actor, found.id, new)
    except Invalid as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, f"{_LIST}/{found.id}#approvals", Flash("advertiser.approval_added"))


@pages.post("/console/approvals/{approval_id}/revoke", Permission.PROVIDER_WRITE)
async def revoke_approval(visit: Visit) -> Response:
    """Make an approval count no longer."""
    register = await visit.services.register.current()
    approval_id = visit.path("approval_id")
    everyone = (entry for one in register.advertisers.values() for entry in one.approvals)
    found = next((entry for entry in everyone if entry.id == approval_id), None)
    if found is None:
        raise NotFound
    reason = visit.field("reason")
    await visit.services.advertisers.revoke_approval(visit.actor, approval_id, reason)
    where = f"{_LIST}/{found.advertiser_id}#approvals"
    return redirect(visit, where, Flash("advertiser.approval_revoked"))


async def _found(visit: Visit) -> Advertiser:
    register = await visit.services.register.current()
    found = register.advertisers.get(visit.path("advertiser_id"))
    if found is None:
        raise NotFound
    return found


async def _ask(
    visit: Visit, form: Form, found: Advertiser | None, status: int = HTTPStatus.OK
) -> Response:
    view = AdvertiserFormView(form, found)
    return await render(visit, "advertisers/form.html", view, status=status)


async def _show(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    view = AdvertiserView(
        await _found(visit),
        form,
        tuple((one.value, t(f"advertiser.class.{one}")) for one in AdClass),
        beijing_day(visit.now()),
    )
    return await render(visit, "advertisers/detail.html", view, status=status)


def _details(visit: Visit) -> tuple[AdvertiserDetails | None, list[Fault]]:
    """Return what the form says, or None and the days that are none."""
    days = {name: day_of(visit.field(name)) for name in ("checked_on", "valid_to")}
    faults = [Fault(name, visit.t("licence.bad_day")) for name, day in days.items() if day is None]
    checked, until = days["checked_on"], days["valid_to"]
    if checked is None or until is None:
        return None, faults
    name, address, contact, documents = (visit.field(one) for one in _TEXTS)
    return AdvertiserDetails(name, address, contact, documents, checked, until), []
