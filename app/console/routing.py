"""How a page is declared and served: permission first, then the form's token, then the page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException  # noqa: TID251 - FastAPI's is only a subclass
from starlette.formparsers import MultiPartParser  # noqa: TID251 - FastAPI has no name for it

from app.console.permissions import Permission
from app.console.session import Visit, check_token, finish, open_visit, stranger
from app.console.views import redirect, render
from app.errors import Forbidden, GatewayError, Malformed, TooLarge, Unauthenticated

SIGN_IN: Final = "/console/sign-in"
SIGN_IN_CODE: Final = "/console/sign-in/code"
CHANGE_PASSWORD: Final = "/console/account/password"  # noqa: S105 - an address
SECOND_FACTOR: Final = "/console/account/second-factor"

_MOST_FIELDS: Final = 5000
_LONGEST_FIELD: Final = 1024 * 1024
_LARGEST_FORM: Final = 9 * 1024 * 1024
# No upload is ever written to a disk: a roll of recipients' groups must leave no trace.
MultiPartParser.spool_max_size = _LARGEST_FORM

_log = structlog.get_logger("popgate.console")

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """An address, what it needs, and who answers it."""

    method: str
    path: str
    permission: Permission
    handler: Handler
    is_heartbeat: bool = False
    """Whether an open page sends it by itself, nobody at the keyboard."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refusal page says."""

    status: int
    code: str
    title: str
    detail: str
    problems: tuple[str, ...]
    back: str


class Pages:
    """The pages of one area: `@pages.get("/console/staff", Permission.STAFF_READ)`."""

    def __init__(self) -> None:
        """Begin with none."""
        self.router = APIRouter(include_in_schema=False)
        self.declared: list[Page] = []

    def get(self, path: str, permission: Permission) -> Callable[[Handler], Handler]:
        """Declare a page that is read."""
        return self._declare("GET", path, permission)

    def post(
        self, path: str, permission: Permission, *, is_heartbeat: bool = False
    ) -> Callable[[Handler], Handler]:
        """Declare a form's target; its token is checked before the handler runs."""
        return self._declare("POST", path, permission, is_heartbeat=is_heartbeat)

    def _declare(
        self, method: str, path: str, permission: Permission, *, is_heartbeat: bool = False
    ) -> Callable[[Handler], Handler]:
        def take(handler: Handler) -> Handler:
            page = Page(method, path, permission, handler, is_heartbeat)
            self.declared.append(page)

            async def endpoint(request: Request) -> Response:
                return await serve(request, page)

            self.router.add_api_route(
                path, endpoint, methods=[method], response_model=None, name=handler.__name__
            )
            return handler

        return take


async def serve(request: Request, page: Page) -> Response:
    """Answer a request for a page; refusals and outages become pages too."""
    visit = stranger(request)
    try:
        visit = await open_visit(request, unattended=_is_unattended(request, page))
        turned_away = _turned_away(visit, page)
        if turned_away is not None:
            return finish(visit, turned_away)
        if page.method == "POST":
            visit = await _with_form(visit)
            check_token(visit)
        answer = await page.handler(visit)
    except GatewayError as error:
        answer = await refusal_page(visit, error)
    except HTTPException as error:
        answer = await refusal_page(visit, _as_refusal(error))
    finally:
        await visit.form.close()
    return finish(visit, answer)


async def refusal_page(visit: Visit, error: GatewayError) -> Response:
    """Return the page that explains a refusal or an outage, under its status."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        route = getattr(visit.request.scope.get("route"), "path", None)
        _log.warning("outage", code=error.code, route=route)
    say = visit.t.say
    view = Refusal(
        status=error.status_code,
        code=error.code,
        title=say(error.title),
        detail=say(error.detail),
        problems=tuple(say(problem.message) for problem in error.problems),
        back=_back(visit),
    )
    answer = await render(visit, "errors/refusal.html", view, status=error.status_code)
    if error.retry_after is not None:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


def _turned_away(visit: Visit, page: Page) -> Response | None:
    """Return where somebody has to go first, or None; raise where they may not be at all."""
    if page.permission is Permission.ANYBODY:
        return None
    door = _door(visit, page)
    if door is not None:
        if page.method == "POST" or visit.is_htmx:
            raise Unauthenticated
        return redirect(visit, f"{door}?next={_wanted(visit)}")
    first = _first_of_all(visit, page)
    if first is not None:
        return redirect(visit, first)
    if not visit.may(page.permission):
        raise Forbidden
    return None


def _door(visit: Visit, page: Page) -> str | None:
    """Return where somebody signs in, or gives the code that is still missing; None if in."""
    if visit.session is None:
        return SIGN_IN
    if page.permission is Permission.SIGNING_IN or visit.session.is_whole:
        return None
    return SIGN_IN_CODE


def _first_of_all(visit: Visit, page: Page) -> str | None:
    """Return where a signed-in person has something to do before anything else."""
    if page.permission in {Permission.OWN_ACCOUNT, Permission.SIGNING_IN}:
        return None
    if visit.member.must_change_password:
        return CHANGE_PASSWORD
    if visit.services.settings.requires_second_factor and visit.member.factor_since is None:
        return SECOND_FACTOR
    return None


def _wanted(visit: Visit) -> str:
    """Return the address that was asked for, as a parameter."""
    url = visit.request.url
    return quote(url.path + (f"?{url.query}" if url.query else ""))


def _is_unattended(request: Request, page: Page) -> bool:
    """Tell whether a page asks by itself: a heartbeat, or htmx looking what is new."""
    return request.headers.get("hx-request") == "true" and (
        page.is_heartbeat or page.method == "GET"
    )


async def _with_form(visit: Visit) -> Visit:
    length = visit.request.headers.get("content-length", "")
    # Browsers always say how much they send, and the server lets no more in than was said.
    if not (length.isascii() and length.isdigit()):
        raise Malformed
    if int(length) > _LARGEST_FORM:
        raise TooLarge
    form = await visit.request.form(
        max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD
    )
    if any(isinstance(value, str) and "\0" in value for _, value in form.multi_items()):
        # No database can store or look for it.
        raise Malformed
    return replace(visit, form=form)


def _as_refusal(error: HTTPException) -> GatewayError:
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge()
    return Malformed()


def _back(visit: Visit) -> str:
    """Return where the visitor came from on this site, or the first page."""
    came_from = visit.request.headers.get("referer", "")
    base = f"{visit.request.url.scheme}://{visit.request.url.netloc}/"
    path = "/" + came_from.removeprefix(base)
    return path if came_from.startswith(base) and path.startswith("/console") else "/console"
