"""Kill switches: stopping everything, a provider, a surface, a kind; and letting go again."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.push import ContentKind
from app.errors import Invalid
from app.policy.repository import KillSwitch
from app.policy.service import SCOPES, check_switch
from app.providers.register import SurfaceChannel

pages = Pages()

LIST: Final = "/console/switches"


@dataclass(frozen=True, slots=True)
class SwitchesView:
    """The switches that are on, those that were, and what their values are called."""

    engaged: tuple[KillSwitch, ...]
    lifted: tuple[KillSwitch, ...]
    names: Names
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class EngageView:
    """The form, with everything that can be named under each scope."""

    form: Form
    scopes: tuple[tuple[str, str, str], ...]
    values: dict[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """What is about to be stopped."""

    scope: str
    value: str
    value_name: str
    reason: str
    order_number: str
    releasing: int
    waiting: int


@pages.get(LIST, Permission.SWITCH_READ)
async def switches(visit: Visit) -> Response:
    """Show what is stopped now, and what was."""
    found = await visit.services.policies.all_switches()
    known = {key: name for rows in (await _values(visit)).values() for key, name in rows}
    view = SwitchesView(
        engaged=tuple(one for one in found if one.lifted_at is None),
        lifted=tuple(one for one in found if one.lifted_at is not None),
        names=await names(visit),
        values=known,
    )
    return await render(visit, "switches/list.html", view)


@pages.get("/console/switches/new", Permission.SWITCH_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form."""
    return await _ask(visit, filled({"scope": visit.query("scope") or "everything"}))


@pages.post("/console/switches/new", Permission.SWITCH_WRITE)
async def engage(visit: Visit) -> Response:
    """Show what would be stopped; once that is confirmed, stop it."""
    scope = visit.field("scope")
    value = visit.field("value") or visit.field(f"value_{scope}")
    reason, order_number = visit.field("reason"), visit.field("order_number")
    policies = visit.services.policies
    try:
        check_switch(scope, value, reason, order_number)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    if visit.field("confirmed") != "yes":
        return await _confirm(visit, scope, value)
    await policies.engage(visit.member.id, scope, value, reason, order_number)
    return redirect(visit, LIST, Flash("switches.engaged_done", "bad"))


@pages.post("/console/switches/{switch_id}/lift", Permission.SWITCH_WRITE)
async def lift(visit: Visit) -> Response:
    """Let pushes go again."""
    reason = visit.field("reason")
    await visit.services.policies.lift(visit.path("switch_id"), visit.member.id, reason)
    return redirect(visit, LIST, Flash("switches.lifted_done"))


async def _confirm(visit: Visit, scope: str, value: str) -> Response:
    named = dict((await _values(visit)).get(scope, ()))
    counts = await visit.services.views.counts()
    view = ConfirmView(
        scope=scope,
        value="" if scope == "everything" else value,
        value_name="" if scope == "everything" else named.get(value, value),
        reason=visit.field("reason"),
        order_number=visit.field("order_number"),
        releasing=counts.get("releasing", 0),
        waiting=counts.get("approved", 0),
    )
    return await render(visit, "switches/confirm.html", view)


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    scopes = tuple(
        (one, t(f"switches.scope.{one}"), t(f"switches.scope_note.{one}")) for one in SCOPES
    )
    view = EngageView(form, scopes, await _values(visit))
    return await render(visit, "switches/new.html", view, status=status)


async def _values(visit: Visit) -> dict[str, tuple[tuple[str, str], ...]]:
    t = visit.t
    register = await visit.services.register.current()
    providers = register.providers
    return {
        "provider": tuple((one.id, one.display_name) for one in providers.values()),
        "surface": tuple(
            (one.id, f"{providers[one.provider_id].display_name} · {one.name}")
            for one in register.surfaces.values()
        ),
        "kind": tuple((one.value, t(f"push_kind.{one}")) for one in ContentKind),
        "channel": tuple((one.value, t(f"surface.channel.{one}")) for one in SurfaceChannel),
    }
