"""Signing in and out."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Fault, Form, typed
from app.console.permissions import Permission
from app.console.routing import CHANGE_PASSWORD, SIGN_IN, SIGN_IN_CODE, Pages
from app.console.session import Visit, clear_session, set_session
from app.console.views import redirect, render
from app.staff.counting import Refusal
from app.staff.sign_in import NotSignedIn, SignedIn

pages = Pages()


@dataclass(frozen=True, slots=True)
class SignInView:
    """The form, and where to go on after it."""

    form: Form
    next: str


@pages.get(SIGN_IN, Permission.ANYBODY)
async def ask(visit: Visit) -> Response:
    """Show the form; somebody who is signed in goes on at once."""
    wanted = local_address(visit.query("next"))
    if visit.session is not None:
        return redirect(visit, wanted)
    return await render(visit, "sign_in.html", SignInView(Form(), wanted))


@pages.post(SIGN_IN, Permission.ANYBODY)
async def sign_in(visit: Visit) -> Response:
    """Let somebody in, or say in the same words for every reason that they were not."""
    wanted = local_address(visit.field("next"))
    found = await visit.services.sign_in.sign_in(
        visit.field("username"), visit.field("password"), visit.address, visit.agent
    )
    if isinstance(found, NotSignedIn):
        return await _again(visit, found, wanted)
    if visit.session is not None:
        await visit.services.sign_in.sign_out(visit.session)
    if not found.session.is_whole:
        response = redirect(visit, f"{SIGN_IN_CODE}?next={quote(wanted)}")
        set_session(visit, response, found.token, found.session.expires_at)
        return response
    return _enter(visit, found, wanted)


@pages.get(SIGN_IN_CODE, Permission.SIGNING_IN)
async def ask_code(visit: Visit) -> Response:
    """Ask for the code of the second factor; who gave it goes on at once."""
    wanted = local_address(visit.query("next"))
    if visit.is_signed_in:
        return redirect(visit, wanted)
    return await render(visit, "sign_in_code.html", SignInView(Form(), wanted))


@pages.post(SIGN_IN_CODE, Permission.SIGNING_IN)
async def prove(visit: Visit) -> Response:
    """Take the code, or say what is wrong with it."""
    wanted = local_address(visit.field("next"))
    if visit.is_signed_in:
        return redirect(visit, wanted)
    found = await visit.services.second_factors.prove(
        visit.own_session, visit.field("code"), visit.address
    )
    if isinstance(found, NotSignedIn):
        return await _again(visit, found, wanted, "sign_in_code.html")
    return _enter(visit, found, wanted)


@pages.post("/console/sign-out", Permission.SIGNING_IN)
async def sign_out(visit: Visit) -> Response:
    """End the session."""
    if visit.session is not None:
        await visit.services.sign_in.sign_out(visit.session)
    response = redirect(visit, SIGN_IN, Flash("sign_in.ended", "info"))
    clear_session(visit, response)
    return response


def _enter(visit: Visit, found: SignedIn, wanted: str) -> Response:
    member = found.session.staff
    response = redirect(visit, CHANGE_PASSWORD if member.must_change_password else wanted)
    set_session(visit, response, found.token, found.session.expires_at)
    return response


async def _again(
    visit: Visit, found: NotSignedIn, wanted: str, template: str = "sign_in.html"
) -> Response:
    throttled = found.refusal is Refusal.THROTTLED
    of_code = template == "sign_in_code.html"
    if throttled:
        words = visit.t("sign_in.throttled", n=found.retry_after)
    else:
        words = visit.t(f"sign_in.code_{found.refusal}" if of_code else "sign_in.wrong")
    fault = Fault("code" if of_code and not throttled else "", words)
    view = SignInView(typed(visit, [fault]), wanted)
    status = HTTPStatus.TOO_MANY_REQUESTS if throttled else HTTPStatus.UNPROCESSABLE_ENTITY
    response = await render(visit, template, view, status=status)
    if throttled:
        response.headers["retry-after"] = str(found.retry_after)
    return response


def local_address(path: str) -> str:
    """Return an address of the console; anything that leads elsewhere becomes the first page."""
    parts = urlsplit(path)
    good = not parts.scheme and not parts.netloc and parts.path.startswith("/console")
    return path if good and "\\" not in path and not path.startswith("//") else "/console"
