"""Who is asking: the session's cookie, the form token, the language and the colours."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Final, cast

from fastapi import Request, Response
from starlette.datastructures import FormData  # noqa: TID251 - FastAPI has no name for it

from app.audit.events import Actor, ActorKind
from app.console import flash
from app.console.permissions import Permission, permissions_of
from app.console.services import ConsoleServices
from app.console.texts import LANGUAGES, Texts, texts
from app.errors import Forbidden, Words
from app.health import Monitor
from app.settings import Mode
from app.staff.roles import Session, StaffMember

THEMES: Final = ("auto", "light", "dark")
LANGUAGE_COOKIE: Final = "popgate_lang"
THEME_COOKIE: Final = "popgate_theme"
TOKEN_FIELD: Final = "csrf"  # noqa: S105 - a name
TOKEN_HEADER: Final = "x-csrf-token"  # noqa: S105 - a name

_WHILE_SIGNING_IN: Final = frozenset({Permission.ANYBODY, Permission.SIGNING_IN})
_YEAR: Final = 365 * 86400
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")


class BadToken(Forbidden):
    """A form without the token of the session that it was made for."""

    code = "csrf"
    title = Words("表单已失效", "The form is no longer valid")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request with everything that a page asks about who makes it."""

    request: Request
    session: Session | None
    t: Texts
    theme: str
    token: str
    """What every form of this visitor carries."""
    flash: flash.Flash | None
    form: FormData
    """The fields of a POST; empty for a GET."""

    @property
    def services(self) -> ConsoleServices:
        """Return what the composition root built."""
        return cast("ConsoleServices", self.request.state.services)

    @property
    def monitor(self) -> Monitor:
        """Return what knows how the gateway is."""
        return cast("Monitor", self.request.state.monitor)

    @property
    def member(self) -> StaffMember:
        """Return who is signed in; pages with a permission other than ANYBODY have somebody."""
        return self.own_session.staff

    @property
    def own_session(self) -> Session:
        """Return the session; pages with a permission other than ANYBODY have one."""
        assert self.session is not None  # noqa: S101 - `serve` lets no stranger through
        return self.session

    @property
    def is_signed_in(self) -> bool:
        """Tell whether somebody is signed in, the second factor included."""
        return self.session is not None and self.session.is_whole

    @property
    def actor(self) -> Actor:
        """Return who is signed in as the ledger names people."""
        return Actor(ActorKind.STAFF, self.member.id)

    @property
    def is_htmx(self) -> bool:
        """Tell whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def may(self, permission: Permission) -> bool:
        """Tell whether this visitor has a permission."""
        if self.session is not None and not self.session.is_whole:
            return permission in _WHILE_SIGNING_IN
        member = None if self.session is None else self.session.staff
        return permission in permissions_of(member)

    def path(self, name: str) -> str:
        """Return a part of the address, `push_id` of `/console/pushes/{push_id}` for instance."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """Return a parameter of the address without blanks around it, empty if absent."""
        return self.request.query_params.get(name, "").strip()

    def field(self, name: str) -> str:
        """Return a text field of the form, empty if absent or a file."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def fields(self, name: str) -> list[str]:
        """Return every value of a field that may be given several times."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def now(self) -> datetime:
        """Return the present instant."""
        return self.services.clock.now()

    @property
    def address(self) -> str:
        """Return where the request comes from."""
        return "" if self.request.client is None else self.request.client.host

    @property
    def agent(self) -> str:
        """Return what the browser calls itself."""
        return self.request.headers.get("user-agent", "")


async def open_visit(request: Request, *, unattended: bool = False) -> Visit:
    """Return the visit behind a request, its form not yet read.

    What an open page asks by itself is `unattended`: it keeps no session alive.
    Raises DatabaseUnavailable when the session cannot be looked up.
    """
    services = cast("ConsoleServices", request.state.services)
    token = request.cookies.get(cookie_name(request), "")
    session = await services.sign_in.session(token, unattended=unattended)
    return _visit(request, session)


def stranger(request: Request) -> Visit:
    """Return a visit of nobody, for pages that must work while the database does not."""
    return _visit(request, None)


def check_token(visit: Visit) -> None:
    """Raise BadToken unless the form or the header carries this visitor's token.

    A browser also says where a form comes from: that has to be this very site.
    """
    given = visit.request.headers.get(TOKEN_HEADER) or visit.field(TOKEN_FIELD)
    site = visit.request.headers.get("sec-fetch-site", "same-origin")
    good = compare_digest(given.encode("utf-8", "replace"), visit.token.encode())
    if not good or site not in {"same-origin", "none"}:
        raise BadToken


def cookie_name(request: Request) -> str:
    """Return the session cookie's name; the prefix makes browsers insist on Secure."""
    return "__Host-popgate" if is_secure(request) else "popgate_session"


def is_secure(request: Request) -> bool:
    """Tell whether cookies need TLS: everywhere but in the demo mode over plain HTTP."""
    settings = cast("ConsoleServices", request.state.services).settings
    return settings.mode is not Mode.DEMO or settings.behind_tls_proxy or bool(settings.tls_cert)


def set_session(visit: Visit, response: Response, token: str, expires_at: datetime) -> None:
    """Give the browser a session."""
    seconds = int((expires_at - visit.now()).total_seconds())
    _set_cookie(visit, response, cookie_name(visit.request), token, seconds)


def clear_session(visit: Visit, response: Response) -> None:
    """Take the session away from the browser."""
    _set_cookie(visit, response, cookie_name(visit.request), "", 0)


def finish(visit: Visit, response: Response) -> Response:
    """Write the choices of language and colours, and take away what was shown."""
    wanted = visit.request.query_params
    if wanted.get("lang") in LANGUAGES:
        _set_cookie(visit, response, LANGUAGE_COOKIE, wanted["lang"], _YEAR)
    if wanted.get("theme") in THEMES:
        _set_cookie(visit, response, THEME_COOKIE, wanted["theme"], _YEAR)
    if visit.flash is not None and response.headers.get("content-type", "").startswith("text/html"):
        _set_cookie(visit, response, flash.COOKIE, "", 0)
    if visit.session is None:
        _set_cookie(visit, response, _stranger_cookie(visit.request), visit.token, 86400)
    return response


def leave_flash(visit: Visit, response: Response, message: flash.Flash) -> None:
    """Have the next page show a message."""
    _set_cookie(visit, response, flash.COOKIE, flash.packed(message), 120)


def _visit(request: Request, session: Session | None) -> Visit:
    spoken = _language(request, session)
    theme = request.query_params.get("theme") or request.cookies.get(THEME_COOKIE, "")
    words = texts(spoken)
    return Visit(
        request=request,
        session=session,
        t=words,
        theme=theme if theme in THEMES else "auto",
        token=session.csrf if session is not None else _stranger_token(request),
        flash=flash.unpacked(request.cookies.get(flash.COOKIE, ""), words),
        form=FormData(),
    )


def _language(request: Request, session: Session | None) -> str:
    chosen = (
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        None if session is None else session.staff.language,
    )
    # Chinese first, whatever the browser asks for: the law and the popups are in it.
    return next((one for one in chosen if one in LANGUAGES), LANGUAGES[0])


def _stranger_cookie(request: Request) -> str:
    return "__Host-popgate-form" if is_secure(request) else "popgate_form"


def _stranger_token(request: Request) -> str:
    held = request.cookies.get(_stranger_cookie(request), "")
    return held if _TOKEN.fullmatch(held) else secrets.token_urlsafe(32)


def _set_cookie(visit: Visit, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=is_secure(visit.request),
        httponly=True,
        samesite="lax",
    )
