"""The senders of a provider and their keys: adding, issuing, revoking."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.pages.providers import LIST, provider_of
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.secrets import Secret, show_once
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Invalid, NotFound
from app.providers.keys import IssuedKey, NewSender
from app.providers.register import Provider, Scope, Sender, SenderKey

pages = Pages()


@dataclass(frozen=True, slots=True)
class SenderView:
    """The form for a new sender."""

    form: Form
    provider: Provider
    scopes: tuple[tuple[str, str, str], ...]
    people: tuple[tuple[str, str], ...]


@pages.get("/console/providers/{provider_id}/senders/new", Permission.PROVIDER_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form."""
    usual = [Scope.PUSH_SUBMIT, Scope.PUSH_READ, Scope.PUSH_WITHDRAW]
    return await _ask(visit, filled({"scopes": usual}))


@pages.post("/console/providers/{provider_id}/senders/new", Permission.PROVIDER_WRITE)
async def add(visit: Visit) -> Response:
    """Register a sender; its first key is issued from the provider's page."""
    found = await provider_of(visit)
    people = {one.id: one.name for one in await visit.services.staff.everybody()}
    staff_id = visit.field("holder_staff_id") or None
    if staff_id is not None and staff_id not in people:
        raise NotFound
    holder = visit.field("holder") or people.get(staff_id or "", "")
    new = NewSender(
        found.id, visit.field("name"), holder, staff_id, frozenset(visit.fields("scopes"))
    )
    try:
        await visit.services.sender_keys.add_sender(visit.actor, new)
    except (Invalid, Conflict) as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, f"{LIST}/{found.id}#senders", Flash("sender.added"))


@pages.post("/console/senders/{sender_id}/keys", Permission.PROVIDER_WRITE)
async def issue(visit: Visit) -> Response:
    """Issue a key and show it once; a third live one is refused."""
    sender = await _sender(visit)
    issued = await visit.services.sender_keys.issue(visit.actor, sender.id)
    return await _show_key(visit, sender, issued)


@pages.post("/console/senders/{sender_id}/revoke", Permission.PROVIDER_WRITE)
async def revoke_sender(visit: Visit) -> Response:
    """Revoke a sender with all its keys."""
    sender = await _sender(visit)
    await visit.services.sender_keys.revoke_sender(visit.actor, sender.id)
    flash = Flash("sender.revoked_done", "warn")
    return redirect(visit, f"{LIST}/{sender.provider_id}#senders", flash)


@pages.post("/console/keys/{key_id}/revoke", Permission.PROVIDER_WRITE)
async def revoke_key(visit: Visit) -> Response:
    """Revoke one key."""
    key, sender = await _key(visit)
    await visit.services.sender_keys.revoke_key(visit.actor, key.id)
    flash = Flash("sender.key_revoked", "warn", {"hint": key.hint})
    return redirect(visit, f"{LIST}/{sender.provider_id}#senders", flash)


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    people = await visit.services.staff.everybody()
    view = SenderView(
        form,
        await provider_of(visit),
        tuple((one.value, t(f"sender.scope.{one.name.lower()}"), one.value) for one in Scope),
        tuple((one.id, f"{one.name}（{one.username}）") for one in people if not one.disabled_at),
    )
    return await render(visit, "providers/sender.html", view, status=status)


async def _show_key(visit: Visit, sender: Sender, issued: IssuedKey) -> Response:
    t = visit.t
    secret = Secret(
        title=t("sender.key_for", name=sender.name),
        label=t("sender.key"),
        value=issued.raw,
        note=t("sender.key_note", hint=issued.hint),
        back=f"{LIST}/{sender.provider_id}#senders",
    )
    return await show_once(visit, secret)


async def _sender(visit: Visit) -> Sender:
    register = await visit.services.register.current()
    found = register.senders.get(visit.path("sender_id"))
    if found is None:
        raise NotFound
    return found


async def _key(visit: Visit) -> tuple[SenderKey, Sender]:
    register = await visit.services.register.current()
    found = next((one for one in register.keys if one.id == visit.path("key_id")), None)
    if found is None:
        raise NotFound
    return found, register.senders[found.sender_id]
