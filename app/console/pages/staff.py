"""The people: adding them, their roles, their ties to providers, taking them out of use."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.secrets import Secret, show_once
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Invalid, NotFound
from app.providers.register import Sender
from app.staff.roles import Role, StaffMember, Tie
from app.staff.service import NewStaff, OneTimePassword

pages = Pages()

LIST = "/console/staff"


@dataclass(frozen=True, slots=True)
class StaffView:
    """Everybody, those in use first."""

    people: tuple[StaffMember, ...]


@dataclass(frozen=True, slots=True)
class NewStaffView:
    """The form for a new person."""

    form: Form
    roles: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class NamedTie:
    """A tie with the provider's name."""

    tie: Tie
    provider: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """One person; `keys` are the senders that they hold, which tie them too."""

    member: StaffMember
    is_me: bool
    ties: tuple[NamedTie, ...]
    keys: tuple[tuple[Sender, str], ...]
    roles_form: Form
    tie_form: Form
    roles: tuple[tuple[str, str, str], ...]
    providers: tuple[tuple[str, str], ...]


@pages.get(LIST, Permission.STAFF_READ)
async def staff(visit: Visit) -> Response:
    """List everybody."""
    people = await visit.services.staff.everybody()
    people.sort(key=lambda member: member.disabled_at is not None)
    return await render(visit, "staff/list.html", StaffView(tuple(people)))


@pages.get("/console/staff/new", Permission.STAFF_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form for a new person."""
    form = filled({"language": "zh", "roles": [Role.REVIEWER]})
    return await render(visit, "staff/new.html", NewStaffView(form, _roles(visit)))


@pages.post("/console/staff/new", Permission.STAFF_WRITE)
async def add(visit: Visit) -> Response:
    """Add a person and show their one-time password once."""
    new = NewStaff(
        visit.field("username"),
        visit.field("name"),
        frozenset(visit.fields("roles")),
        visit.field("language"),
    )
    try:
        given = await visit.services.staff.add(visit.actor, new)
    except (Invalid, Conflict) as error:
        view = NewStaffView(refused(visit, error), _roles(visit))
        return await render(visit, "staff/new.html", view, status=error.status_code)
    return await _show_password(visit, given)


@pages.get("/console/staff/{staff_id}", Permission.STAFF_READ)
async def member(visit: Visit) -> Response:
    """Show one person."""
    return await _show(visit)


@pages.post("/console/staff/{staff_id}/roles", Permission.STAFF_WRITE)
async def set_roles(visit: Visit) -> Response:
    """Give a person exactly these roles."""
    staff_id = visit.path("staff_id")
    try:
        await visit.services.staff.set_roles(visit.actor, staff_id, visit.fields("roles"))
    except (Invalid, Conflict) as error:
        return await _show(visit, roles=refused(visit, error), status=error.status_code)
    return redirect(visit, f"{LIST}/{staff_id}", Flash("staff.roles_saved"))


@pages.post("/console/staff/{staff_id}/disable", Permission.STAFF_WRITE)
async def disable(visit: Visit) -> Response:
    """Take a person out of use."""
    await visit.services.staff.disable(visit.actor, visit.path("staff_id"))
    return redirect(visit, f"{LIST}/{visit.path('staff_id')}", Flash("staff.disabled_done"))


@pages.post("/console/staff/{staff_id}/enable", Permission.STAFF_WRITE)
async def enable(visit: Visit) -> Response:
    """Let a person sign in again."""
    await visit.services.staff.enable(visit.actor, visit.path("staff_id"))
    return redirect(visit, f"{LIST}/{visit.path('staff_id')}", Flash("staff.enabled_done"))


@pages.post("/console/staff/{staff_id}/password", Permission.STAFF_WRITE)
async def reset_password(visit: Visit) -> Response:
    """Give a person a new one-time password and show it once."""
    staff_id = visit.path("staff_id")
    given = await visit.services.staff.reset_password(visit.actor, staff_id)
    return await _show_password(visit, given)


@pages.post("/console/staff/{staff_id}/second-factor", Permission.STAFF_WRITE)
async def reset_second_factor(visit: Visit) -> Response:
    """Take away a second factor that somebody lost."""
    staff_id = visit.path("staff_id")
    await visit.services.staff.reset_second_factor(visit.actor, staff_id)
    return redirect(visit, f"{LIST}/{staff_id}", Flash("staff.factor_reset_done"))


@pages.post("/console/staff/{staff_id}/ties", Permission.STAFF_WRITE)
async def declare_tie(visit: Visit) -> Response:
    """Note a person's interest in a provider."""
    staff_id = visit.path("staff_id")
    provider_id, reason = visit.field("provider"), visit.field("reason")
    try:
        await visit.services.staff.declare_tie(visit.actor, staff_id, provider_id, reason)
    except Invalid as error:
        return await _show(visit, tie=refused(visit, error), status=error.status_code)
    return redirect(visit, f"{LIST}/{staff_id}", Flash("staff.tie_saved"))


@pages.post("/console/staff/{staff_id}/ties/end", Permission.STAFF_WRITE)
async def end_tie(visit: Visit) -> Response:
    """End a person's tie."""
    staff_id = visit.path("staff_id")
    await visit.services.staff.end_tie(visit.actor, staff_id, visit.field("provider"))
    return redirect(visit, f"{LIST}/{staff_id}", Flash("staff.tie_ended"))


async def _show(
    visit: Visit,
    *,
    roles: Form | None = None,
    tie: Form | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    everybody = await visit.services.staff.everybody()
    found = next((one for one in everybody if one.id == visit.path("staff_id")), None)
    if found is None:
        raise NotFound
    register = await visit.services.register.current()
    ties = await visit.services.staff.ties(found.id)
    names = {one.id: one.display_name for one in register.providers.values()}
    view = MemberView(
        member=found,
        is_me=found.id == visit.member.id,
        ties=tuple(NamedTie(one, names.get(one.provider_id, one.provider_id)) for one in ties),
        keys=tuple(
            (sender, names[sender.provider_id])
            for sender in register.senders.values()
            if sender.holder_staff_id == found.id and sender.revoked_at is None
        ),
        roles_form=roles or filled({"roles": list(found.roles)}),
        tie_form=tie or Form(),
        roles=_roles(visit),
        providers=tuple(sorted(names.items(), key=lambda pair: pair[1])),
    )
    return await render(visit, "staff/member.html", view, status=status)


async def _show_password(visit: Visit, given: OneTimePassword) -> Response:
    t = visit.t
    secret = Secret(
        title=t("staff.password_for", name=given.username),
        label=t("staff.one_time"),
        value=given.password,
        note=t("staff.one_time_note"),
        back=f"{LIST}/{given.staff_id}",
    )
    return await show_once(visit, secret)


def _roles(visit: Visit) -> tuple[tuple[str, str, str], ...]:
    t = visit.t
    return tuple((role.value, t(f"role.{role}"), t(f"staff.role.{role}")) for role in Role)
