"""The licences of a provider: adding and revoking."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.pages.providers import LIST, provider_of
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.facts import Licence, NewsService
from app.domain.registers import LicenceKind
from app.errors import Invalid, NotFound
from app.providers.register import Provider

pages = Pages()


@dataclass(frozen=True, slots=True)
class LicenceView:
    """The form for a new licence."""

    form: Form
    provider: Provider
    kinds: tuple[tuple[str, str], ...]
    services: tuple[tuple[str, str, str], ...]


@pages.get("/console/providers/{provider_id}/licences/new", Permission.PROVIDER_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form."""
    form = filled({"kind": LicenceKind.INTERNET_NEWS, "services": [NewsService.REPRINTING]})
    return await _ask(visit, form)


@pages.post("/console/providers/{provider_id}/licences/new", Permission.PROVIDER_WRITE)
async def add(visit: Visit) -> Response:
    """Register a licence."""
    found = await provider_of(visit)
    days = {name: _day(visit.field(name)) for name in ("valid_from", "valid_to")}
    faults = [Fault(name, visit.t("licence.bad_day")) for name, day in days.items() if day is None]
    begins, ends = days["valid_from"], days["valid_to"]
    if begins is None or ends is None:
        return await _ask(visit, typed(visit, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
    kind = visit.field("kind")
    services = visit.fields("services") if kind == LicenceKind.INTERNET_NEWS else []
    licence = Licence(kind, visit.field("number"), tuple(services), begins, ends)
    try:
        await visit.services.enrolment.add_licence(visit.actor, found.id, licence)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, f"{LIST}/{found.id}#licences", Flash("licence.added"))


@pages.post("/console/licences/{licence_id}/revoke", Permission.PROVIDER_WRITE)
async def revoke(visit: Visit) -> Response:
    """Make a licence count no longer."""
    register = await visit.services.register.current()
    licence_id = visit.path("licence_id")
    found = next((one for one in register.licences if one.id == licence_id), None)
    if found is None:
        raise NotFound
    await visit.services.enrolment.revoke_licence(visit.actor, found.id, visit.field("reason"))
    return redirect(visit, f"{LIST}/{found.provider_id}#licences", Flash("licence.revoked_done"))


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    view = LicenceView(
        form,
        await provider_of(visit),
        tuple((kind.value, t(f"licence.kind.{kind}")) for kind in LicenceKind),
        tuple((one.value, t(f"licence.service.{one}"), "") for one in NewsService),
    )
    return await render(visit, "providers/licence.html", view, status=status)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
