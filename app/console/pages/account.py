"""One's own account: who one is, the language, the password."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.permissions import Permission, permissions_of
from app.console.routing import CHANGE_PASSWORD, Pages
from app.console.session import LANGUAGE_COOKIE, Visit
from app.console.views import redirect, render
from app.errors import Invalid, TooManyRequests
from app.staff.passwords import SHORTEST
from app.staff.roles import Tie

pages = Pages()

ACCOUNT = "/console/account"


@dataclass(frozen=True, slots=True)
class AccountView:
    """The person as the console knows them; `ties` are the standing ones, by provider's name."""

    username: str
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    ties: tuple[tuple[str, Tie], ...]
    form: Form


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
    assert visit.session is not None  # noqa: S101 - the permission says so
    current, new = visit.field("current"), visit.field("new")
    try:
        await visit.services.sign_in.change_password(visit.session, current, new, visit.address)
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
    )
    return await render(visit, "account.html", view, status=status)


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    view = PasswordView(form, visit.member.must_change_password, SHORTEST)
    return await render(visit, "password.html", view, status=status)
