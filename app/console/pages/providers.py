"""The register's providers: listing, adding, changing, suspending, their outcome webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from fastapi import Response

from app.clock import beijing_day
from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.on_file import ShownDeadline, deadlines_of, papers_of, policies_missing
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.secrets import Secret, show_once
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.facts import Limit
from app.errors import CannotJudge, Conflict, Invalid, NotFound
from app.providers.enrolment import NewProvider, ProviderChange
from app.providers.filed import FiledPaper
from app.providers.register import (
    Provider,
    RegisteredLicence,
    RegisterSnapshot,
    Sender,
    SenderKey,
    Surface,
)

pages = Pages()

LIST = "/console/providers"


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider in the list, with how much of each it has."""

    provider: Provider
    surfaces: int
    senders: int
    licences: int


@dataclass(frozen=True, slots=True)
class ProvidersView:
    """What was looked for and what was found."""

    lines: tuple[ProviderLine, ...]
    text: str
    total: int


@dataclass(frozen=True, slots=True)
class ProviderFormView:
    """The form of a new or changed provider; `provider` is None for a new one."""

    form: Form
    provider: Provider | None


@dataclass(frozen=True, slots=True)
class SurfaceLine:
    """A surface; `owner` is another provider's name where it is one by grant."""

    surface: Surface
    owner: str | None
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SenderLine:
    """A sender with its keys, the live ones first, and when each was last used."""

    sender: Sender
    holder: str
    keys: tuple[tuple[SenderKey, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class ProviderView:
    """Everything about one provider."""

    provider: Provider
    licences: tuple[RegisteredLicence, ...]
    surfaces: tuple[SurfaceLine, ...]
    senders: tuple[SenderLine, ...]
    webhook_form: Form
    today: date
    papers: Mapping[str, tuple[FiledPaper, ...]]
    policies_missing: tuple[str, ...]
    deadlines: Mapping[str, tuple[ShownDeadline, ...]]

    @property
    def overdue(self) -> bool:
        """Whether something that has to be filed was not by its last day."""
        return any(one.is_overdue for found in self.deadlines.values() for one in found)


@pages.get(LIST, Permission.PROVIDER_READ)
async def providers(visit: Visit) -> Response:
    """List the providers whose names or code hold the text looked for."""
    register = await visit.services.register.current()
    text = visit.query("q")
    found = [one for one in register.providers.values() if _matches(one, text)]
    lines = tuple(_line(register, one) for one in found)
    view = ProvidersView(lines, text, len(register.providers))
    return await render(visit, "providers/list.html", view)


@pages.get("/console/providers/new", Permission.PROVIDER_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form for a new provider."""
    return await render(visit, "providers/form.html", ProviderFormView(Form(), None))


@pages.post("/console/providers/new", Permission.PROVIDER_WRITE)
async def add(visit: Visit) -> Response:
    """Register a provider."""
    new = NewProvider(
        visit.field("legal_name"),
        visit.field("display_name"),
        visit.field("credit_code"),
        _domains(visit),
    )
    try:
        provider_id = await visit.services.enrolment.add_provider(visit.actor, new)
    except (Invalid, Conflict) as error:
        view = ProviderFormView(refused(visit, error), None)
        return await render(visit, "providers/form.html", view, status=error.status_code)
    return redirect(visit, f"{LIST}/{provider_id}", Flash("providers.added"))


@pages.get("/console/providers/{provider_id}", Permission.PROVIDER_READ)
async def provider(visit: Visit) -> Response:
    """Show one provider."""
    return await _show(visit)


@pages.get("/console/providers/{provider_id}/change", Permission.PROVIDER_WRITE)
async def ask_change(visit: Visit) -> Response:
    """Show the form with what is registered."""
    found = await provider_of(visit)
    form = filled(
        {
            "legal_name": found.legal_name,
            "display_name": found.display_name,
            "link_domains": "\n".join(found.link_domains),
        }
    )
    return await render(visit, "providers/form.html", ProviderFormView(form, found))


@pages.post("/console/providers/{provider_id}/change", Permission.PROVIDER_WRITE)
async def change(visit: Visit) -> Response:
    """Replace a provider's names and domains."""
    found = await provider_of(visit)
    wanted = ProviderChange(visit.field("legal_name"), visit.field("display_name"), _domains(visit))
    try:
        await visit.services.enrolment.change_provider(visit.actor, found.id, wanted)
    except Invalid as error:
        view = ProviderFormView(refused(visit, error), found)
        return await render(visit, "providers/form.html", view, status=error.status_code)
    return redirect(visit, f"{LIST}/{found.id}", Flash("providers.changed"))


@pages.post("/console/providers/{provider_id}/suspend", Permission.PROVIDER_WRITE)
async def suspend(visit: Visit) -> Response:
    """Stop a provider."""
    found = await provider_of(visit)
    reason = visit.field("reason")
    await visit.services.enrolment.suspend_provider(visit.actor, found.id, reason)
    return redirect(visit, f"{LIST}/{found.id}", Flash("providers.suspended_done", "warn"))


@pages.post("/console/providers/{provider_id}/resume", Permission.PROVIDER_WRITE)
async def resume(visit: Visit) -> Response:
    """Let a provider push again."""
    found = await provider_of(visit)
    reason = visit.field("reason")
    await visit.services.enrolment.resume_provider(visit.actor, found.id, reason)
    return redirect(visit, f"{LIST}/{found.id}", Flash("providers.resumed_done"))


@pages.post("/console/providers/{provider_id}/webhook", Permission.PROVIDER_WRITE)
async def set_webhook(visit: Visit) -> Response:
    """Say where outcome webhooks go and show the new secret once."""
    found = await provider_of(visit)
    url = visit.field("outcome_url")
    try:
        webhook = await visit.services.enrolment.set_outcome_webhook(visit.actor, found.id, url)
    except Invalid as error:
        return await _show(visit, refused(visit, error), error.status_code)
    t = visit.t
    secret = Secret(
        title=t("providers.webhook_secret_for", name=found.display_name),
        label=t("providers.webhook_secret"),
        value=webhook.secret,
        note=t("providers.webhook_secret_note"),
        back=f"{LIST}/{found.id}",
    )
    return await show_once(visit, secret)


@pages.post("/console/providers/{provider_id}/webhook/remove", Permission.PROVIDER_WRITE)
async def remove_webhook(visit: Visit) -> Response:
    """Send no outcome webhooks any more."""
    found = await provider_of(visit)
    await visit.services.enrolment.remove_outcome_webhook(visit.actor, found.id)
    return redirect(visit, f"{LIST}/{found.id}", Flash("providers.webhook_removed"))


async def provider_of(visit: Visit) -> Provider:
    """Return the provider that the address names; NotFound."""
    register = await visit.services.register.current()
    found = register.provider(visit.path("provider_id"))
    if found is None:
        raise NotFound
    return found


async def _show(visit: Visit, webhook: Form | None = None, status: int = HTTPStatus.OK) -> Response:
    found = await provider_of(visit)
    register = await visit.services.register.current()
    used = await visit.services.register.last_used(found.id)
    people = {one.id: one.name for one in await visit.services.staff.everybody()}
    today, papers = beijing_day(visit.now()), papers_of(register, found.id)
    view = ProviderView(
        provider=found,
        licences=tuple(one for one in register.licences if one.provider_id == found.id),
        surfaces=_surfaces(register, found.id),
        senders=tuple(
            _sender_line(register, sender, used, people) for sender in register.senders_of(found.id)
        ),
        webhook_form=webhook or filled({"outcome_url": found.outcome_url or ""}),
        today=today,
        papers=papers,
        policies_missing=policies_missing(register, found.id, visit.t),
        deadlines=deadlines_of(papers["algorithm"], await _limits(visit), today),
    )
    return await render(visit, "providers/detail.html", view, status=status)


async def _limits(visit: Visit) -> tuple[Limit, ...]:
    """Return the numbers of the rule pack in force; none where it cannot be told."""
    try:
        return (await visit.services.packs.active()).limits
    except CannotJudge:
        return ()


def _surfaces(register: RegisterSnapshot, provider_id: str) -> tuple[SurfaceLine, ...]:
    names = {one.id: one.display_name for one in register.providers.values()}
    standing = [one for one in register.grants if one.revoked_at is None]
    own = [
        SurfaceLine(
            surface,
            None,
            tuple(names[one.provider_id] for one in standing if one.surface_id == surface.id),
        )
        for surface in register.surfaces.values()
        if surface.provider_id == provider_id
    ]
    granted = [
        SurfaceLine(surface, names[surface.provider_id], ())
        for one in standing
        if one.provider_id == provider_id
        and (surface := register.surface(one.surface_id)) is not None
    ]
    return (*own, *granted)


def _sender_line(
    register: RegisterSnapshot, sender: Sender, used: dict[str, datetime], people: dict[str, str]
) -> SenderLine:
    keys = sorted(register.keys_of(sender.id), key=lambda key: key.revoked_at is not None)
    staff = sender.holder_staff_id
    holder = sender.holder if staff is None else people.get(staff, sender.holder)
    return SenderLine(sender, holder, tuple((key, used.get(key.id)) for key in keys))


def _line(register: RegisterSnapshot, provider: Provider) -> ProviderLine:
    return ProviderLine(
        provider,
        sum(1 for one in register.surfaces.values() if one.provider_id == provider.id),
        sum(1 for one in register.senders_of(provider.id) if one.revoked_at is None),
        len(register.licences_of(provider.id)),
    )


def _matches(provider: Provider, text: str) -> bool:
    held = (provider.legal_name, provider.display_name, provider.credit_code, provider.id)
    return any(text.casefold() in one.casefold() for one in held)


def _domains(visit: Visit) -> tuple[str, ...]:
    return tuple(visit.field("link_domains").replace(",", " ").replace("，", " ").split())
