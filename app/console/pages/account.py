"""One's own account: who one is, the language, the password, where one is signed in."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from fastapi import Response

from app.console.agents import program_of
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.permissions import Permission, permissions_of
from app.console.routing import CHANGE_PASSWORD, SIGN_IN, Pages
from app.console.session import LANGUAGE_COOKIE, Visit, clear_session
from app.console.views import redirect, render
from app.errors import Invalid, TooManyRequests
from app.staff.passwords import SHORTEST
from app.staff.roles import Session, Tie

pages = Pages()

ACCOUNT = "/console/account"


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One's session somewhere; `program` is the browser and its system as far as they say."""

    session: Session
    is_this: bool
    program: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """The person as the console knows them; `ties` are the standing ones, by provider's name."""

    username: str
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    ties: tuple[tuple[str, Tie], ...]
    form: Form
    factor_since: datetime | None
    sessions: tuple[OwnSession, ...]
    hours: int
    idle_minutes: int


@dataclass(frozen=True, slots=True)
class PasswordView:
    """The form; `is_first` while a one-time password has to be changed."""

    form: Form
    is_first: bool
    shortest: int


@pages.get(ACCOUNT, Permission.OWN_ACCOUNT)
async def account(visit: Visit) -> Response:
    """Show the account."""
    return await _show(visit, filled({"language": visit.member.language}))


@pages.post("/console/account/language", Permission.OWN_ACCOUNT)
async def language(visit: Visit) -> Response:
    """Keep the language for every browser."""
    wanted = visit.field("language")
    try:
        await visit.services.staff.set_language(visit.actor, visit.member.id, wanted)
    except Invalid as error:
        return await _show(visit, refused(visit, error), HTTPStatus.UNPROCESSABLE_ENTITY)
    response = redirect(visit, ACCOUNT, Flash("account.language_saved"))
    response.delete_cookie(LANGUAGE_COOKIE, path="/")
    return response


@pages.post("/console/account/sessions/end", Permission.OWN_ACCOUNT)
async def end_session(visit: Visit) -> Response:
    """End one of one's other sessions."""
    await visit.services.sign_in.end_session(visit.own_session, visit.field("session"))
    return redirect(visit, ACCOUNT, Flash("account.session_ended"))


@pages.post("/console/account/sessions/end-others", Permission.OWN_ACCOUNT)
async def end_others(visit: Visit) -> Response:
    """End all of one's sessions but this one."""
    ended = await visit.services.sign_in.end_sessions(visit.own_session, keep_this=True)
    return redirect(visit, ACCOUNT, Flash("account.sessions_ended", values={"n": ended}))


@pages.post("/console/account/sessions/end-all", Permission.OWN_ACCOUNT)
async def end_all(visit: Visit) -> Response:
    """Sign out everywhere, here too."""
    await visit.services.sign_in.end_sessions(visit.own_session, keep_this=False)
    response = redirect(visit, SIGN_IN, Flash("sign_in.ended_everywhere", "info"))
    clear_session(visit, response)
    return response


@pages.get(CHANGE_PASSWORD, Permission.OWN_ACCOUNT)
async def ask_password(visit: Visit) -> Response:
    """Show the form."""
    return await _ask(visit, Form())


@pages.post(CHANGE_PASSWORD, Permission.OWN_ACCOUNT)
async def change_password(visit: Visit) -> Response:
    """Replace the password; the person's other sessions end."""
    if visit.field("new") != visit.field("again"):
        fault = Fault("again", visit.t("account.differ"))
        return await _ask(visit, typed(visit, [fault]), HTTPStatus.UNPROCESSABLE_ENTITY)
    current, new = visit.field("current"), visit.field("new")
    try:
        await visit.services.sign_in.change_password(visit.own_session, current, new, visit.address)
    except (Invalid, TooManyRequests) as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, "/console", Flash("account.password_changed"))


async def _show(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    member = visit.member
    register = await visit.services.register.current()
    ties = [
        (provider.display_name, tie)
        for tie in await visit.services.staff.ties(member.id)
        if tie.ended_at is None and (provider := register.provider(tie.provider_id)) is not None
    ]
    view = AccountView(
        username=member.username,
        name=member.name,
        roles=tuple(sorted(member.roles)),
        permissions=tuple(sorted(permissions_of(member))),
        ties=tuple(ties),
        form=form,
        factor_since=member.factor_since,
        sessions=tuple(
            OwnSession(one, one.id == visit.own_session.id, program_of(one.agent))
            for one in await visit.services.sign_in.sessions(member.id)
        ),
        hours=visit.services.settings.session_hours,
        idle_minutes=visit.services.settings.session_idle_minutes,
    )
    return await render(visit, "account.html", view, status=status)


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    view = PasswordView(form, visit.member.must_change_password, SHORTEST)
    return await render(visit, "password.html", view, status=status)
