"""The surfaces of a provider: adding, changing, closing, and who else may push there."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.pages.providers import provider_of
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.secrets import Secret, show_once
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Invalid, NotFound
from app.providers.categories import APP_CATEGORIES
from app.providers.enrolment import WebhookSecret
from app.providers.register import Grant, Provider, Surface, SurfaceChannel, SurfaceForm
from app.providers.surfaces import NewSurface, SurfaceDetails

pages = Pages()

_FIELDS = ("name", "time_zone", "complaint_contact", "app_category")
_TRAITS = ("elderly_mode", "for_minors")


@dataclass(frozen=True, slots=True)
class SurfaceFormView:
    """The form of a new surface."""

    form: Form
    provider: Provider
    forms: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str, str], ...]
    categories: tuple[tuple[str, str], ...]
    traits: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SurfaceView:
    """One surface, its form, and the providers that may push there."""

    surface: Surface
    owner: Provider
    form: Form
    grants: tuple[tuple[Grant, str], ...]
    others: tuple[tuple[str, str], ...]
    grant_form: Form
    categories: tuple[tuple[str, str], ...]
    traits: tuple[tuple[str, str, str], ...]


@pages.get("/console/providers/{provider_id}/surfaces/new", Permission.PROVIDER_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form for a new surface."""
    start = {"time_zone": "Asia/Shanghai", "form": "app", "channel": "inbox"}
    return await _ask(visit, filled(start))


@pages.post("/console/providers/{provider_id}/surfaces/new", Permission.PROVIDER_WRITE)
async def add(visit: Visit) -> Response:
    """Register a surface; a webhook's secret is shown once."""
    found = await provider_of(visit)
    channel = visit.field("channel")
    details = _details(visit, takes_webhook=channel == SurfaceChannel.WEBHOOK)
    new = NewSurface(found.id, visit.field("form"), channel, details)
    try:
        added = await visit.services.surfaces.add(visit.actor, new)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    if added.webhook is not None:
        return await _show_secret(visit, details.name, added.surface_id, added.webhook)
    return redirect(visit, _address(added.surface_id), Flash("surface.added"))


@pages.get("/console/surfaces/{surface_id}", Permission.PROVIDER_READ)
async def surface(visit: Visit) -> Response:
    """Show one surface."""
    return await _show(visit)


@pages.post("/console/surfaces/{surface_id}/change", Permission.PROVIDER_WRITE)
async def change(visit: Visit) -> Response:
    """Replace what may change."""
    found = await _surface(visit)
    details = _details(visit, takes_webhook=found.channel is SurfaceChannel.WEBHOOK)
    try:
        await visit.services.surfaces.change(visit.actor, found.id, details)
    except Invalid as error:
        return await _show(visit, form=refused(visit, error), status=error.status_code)
    return redirect(visit, _address(found.id), Flash("surface.changed"))


@pages.post("/console/surfaces/{surface_id}/close", Permission.PROVIDER_WRITE)
async def close(visit: Visit) -> Response:
    """Take a surface out of use."""
    found = await _surface(visit)
    await visit.services.surfaces.close(visit.actor, found.id)
    return redirect(visit, _address(found.id), Flash("surface.closed_done", "warn"))


@pages.post("/console/surfaces/{surface_id}/reopen", Permission.PROVIDER_WRITE)
async def reopen(visit: Visit) -> Response:
    """Put a surface to use again."""
    found = await _surface(visit)
    await visit.services.surfaces.reopen(visit.actor, found.id)
    return redirect(visit, _address(found.id), Flash("surface.reopened"))


@pages.post("/console/surfaces/{surface_id}/secret", Permission.PROVIDER_WRITE)
async def renew_secret(visit: Visit) -> Response:
    """Replace a webhook's secret and show the new one once."""
    found = await _surface(visit)
    webhook = await visit.services.surfaces.renew_webhook_secret(visit.actor, found.id)
    return await _show_secret(visit, found.name, found.id, webhook)


@pages.post("/console/surfaces/{surface_id}/grants", Permission.PROVIDER_WRITE)
async def grant(visit: Visit) -> Response:
    """Let another provider push here."""
    found = await _surface(visit)
    other = visit.field("provider")
    try:
        await visit.services.surfaces.grant(visit.actor, found.id, other)
    except (NotFound, Conflict) as error:
        return await _show(visit, grants=refused(visit, error), status=error.status_code)
    return redirect(visit, _address(found.id), Flash("surface.granted"))


@pages.post("/console/surfaces/{surface_id}/grants/revoke", Permission.PROVIDER_WRITE)
async def revoke_grant(visit: Visit) -> Response:
    """Take a grant back."""
    found = await _surface(visit)
    await visit.services.surfaces.revoke_grant(visit.actor, found.id, visit.field("provider"))
    return redirect(visit, _address(found.id), Flash("surface.grant_revoked"))


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    view = SurfaceFormView(
        form,
        await provider_of(visit),
        tuple((one.value, t(f"surface.form.{one}")) for one in SurfaceForm),
        tuple(
            (one.value, t(f"surface.channel.{one}"), t(f"surface.channel_note.{one}"))
            for one in SurfaceChannel
        ),
        _categories(visit),
        _traits(visit),
    )
    return await render(visit, "providers/surface_new.html", view, status=status)


async def _show(
    visit: Visit,
    *,
    form: Form | None = None,
    grants: Form | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    found = await _surface(visit)
    register = await visit.services.register.current()
    names = {one.id: one.display_name for one in register.providers.values()}
    standing = [
        one for one in register.grants if one.surface_id == found.id and one.revoked_at is None
    ]
    holders = {found.provider_id} | {one.provider_id for one in standing}
    held: dict[str, str | list[str]] = {name: str(getattr(found, name)) for name in _FIELDS}
    held["traits"] = [name for name in _TRAITS if getattr(found, name)]
    view = SurfaceView(
        surface=found,
        owner=register.providers[found.provider_id],
        form=form or filled(held | {"webhook_url": found.webhook_url or ""}),
        grants=tuple((one, names[one.provider_id]) for one in standing),
        others=tuple((key, name) for key, name in names.items() if key not in holders),
        grant_form=grants or Form(),
        categories=_categories(visit),
        traits=_traits(visit),
    )
    return await render(visit, "providers/surface.html", view, status=status)


async def _show_secret(
    visit: Visit, name: str, surface_id: str, webhook: WebhookSecret
) -> Response:
    t = visit.t
    secret = Secret(
        title=t("providers.webhook_secret_for", name=name),
        label=t("providers.webhook_secret"),
        value=webhook.secret,
        note=t("providers.webhook_secret_note"),
        back=_address(surface_id),
    )
    return await show_once(visit, secret)


async def _surface(visit: Visit) -> Surface:
    register = await visit.services.register.current()
    found = register.surface(visit.path("surface_id"))
    if found is None:
        raise NotFound
    return found


def _details(visit: Visit, *, takes_webhook: bool) -> SurfaceDetails:
    traits = visit.fields("traits")
    return SurfaceDetails(
        name=visit.field("name"),
        time_zone=visit.field("time_zone"),
        complaint_contact=visit.field("complaint_contact"),
        app_category=visit.field("app_category"),
        webhook_url=visit.field("webhook_url") if takes_webhook else None,
        elderly_mode="elderly_mode" in traits,
        for_minors="for_minors" in traits,
    )


def _traits(visit: Visit) -> tuple[tuple[str, str, str], ...]:
    t = visit.t
    return tuple(
        (one, t(f"surface.trait.{one}"), t(f"surface.trait_note.{one}")) for one in _TRAITS
    )


def _categories(visit: Visit) -> tuple[tuple[str, str], ...]:
    return tuple((code, visit.t.say(words)) for code, words in APP_CATEGORIES.items())


def _address(surface_id: str) -> str:
    return f"/console/surfaces/{surface_id}"
