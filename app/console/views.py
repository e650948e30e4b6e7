"""Rendering: the frame around every page, and the headers that every page carries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.console import assets, times
from app.console.flash import Flash
from app.console.navigation import MENU, Group
from app.console.permissions import Permission
from app.console.session import Visit, leave_flash
from app.db.session import Tx
from app.errors import CannotJudge
from app.policy.repository import KillSwitch
from app.policy.service import Switches, switches_on
from app.review.day import Prompt
from app.review.day_repository import Habits, habits_of

TEMPLATES: Final = Path(__file__).parent / "templates"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line of the menu as this visitor sees it; `count` is 0 where nothing waits."""

    key: str
    path: str
    icon: str
    is_here: bool
    count: int


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Lines under one heading."""

    key: str
    lines: tuple[MenuLine, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame shows around a page."""

    member_name: str | None
    roles: tuple[str, ...]
    menu: tuple[MenuGroup, ...]
    switches: tuple[KillSwitch, ...]
    switches_known: bool
    flash: Flash | None
    theme: str
    token: str
    now: datetime
    path: str
    here: str
    is_demo: bool
    spared: tuple[str, ...]
    """What the visitor has asked the desk to spare them: `blur`, `grey`."""
    prompt: Prompt

    def with_choice(self, name: str, value: str) -> str:
        """Return this page's address with a choice of language or colours."""
        return f"{self.here}{'&' if '?' in self.here else '?'}{name}={value}"


async def render(
    visit: Visit,
    template: str,
    view: object,
    *,
    status: int = HTTPStatus.OK,
    framed: bool = False,
) -> Response:
    """Return a page; templates get `view`, the frame's `shell`, the words `t` and `may`.

    `framed` is for what our own pages show in a frame. Nothing is kept by any cache.
    """
    shell = await _shell(visit)
    html = (
        environment()
        .get_template(template)
        .render(
            view=view,
            shell=shell,
            t=visit.t,
            lang=visit.t.language,
            may=visit.may,
            Permission=Permission,
            relative=lambda instant: times.relative(visit.t, instant, shell.now),
            duration=lambda seconds: times.duration(visit.t, seconds),
        )
    )
    ancestors = "'self'" if framed else "'none'"
    return Response(
        html,
        int(status),
        {
            "content-security-policy": _POLICY.format(ancestors=ancestors),
            "x-frame-options": "SAMEORIGIN" if framed else "DENY",
            "cache-control": "no-store",
            "referrer-policy": "same-origin",
            "content-language": visit.t.language,
            "vary": "Cookie, Accept-Language",
        },
        media_type="text/html",
    )


def redirect(visit: Visit, path: str, flash: Flash | None = None) -> Response:
    """Send the browser on by GET, with a message for the page there."""
    response = RedirectResponse(path, HTTPStatus.SEE_OTHER)
    if flash is not None:
        leave_flash(visit, response, flash)
    return response


def environment() -> Environment:
    """Return the templates' environment: everything escaped, nothing undefined."""
    return _ENVIRONMENT


def _make_environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["beijing"] = times.beijing
    made.filters["machine"] = times.machine
    made.globals["asset"] = assets.address
    return made


_ENVIRONMENT: Final = _make_environment()


async def _shell(visit: Visit) -> Shell:
    path = visit.request.url.path
    session = visit.session
    state = await _state(visit)
    prompt = await _prompt(visit)
    counts = {"queue": state.waiting}
    return Shell(
        member_name=session.staff.name if session is not None and session.is_whole else None,
        roles=() if session is None else tuple(sorted(session.staff.roles)),
        menu=tuple(_group(visit, group, path, counts) for group in MENU),
        switches=state.switches,
        switches_known=state.is_known,
        flash=visit.flash,
        theme=visit.theme,
        token=visit.token,
        now=visit.now(),
        path=path,
        here=_here(visit),
        is_demo=visit.services.settings.mode == "demo",
        spared=state.spared,
        prompt=prompt,
    )


@dataclass(frozen=True, slots=True)
class _State:
    """What a page's frame reads: engaged switches, tickets that wait, what somebody is spared."""

    switches: tuple[KillSwitch, ...] = ()
    is_known: bool = True
    waiting: int = 0
    spared: tuple[str, ...] = ()


async def _state(visit: Visit) -> _State:
    """Return what the frame shows; nothing but that it is unknown while the database is away."""
    if not visit.is_signed_in:
        return _State()
    staff_id, may_rule = visit.member.id, visit.may(Permission.TICKET_RULE)

    def work(tx: Tx) -> tuple[Switches, Habits]:
        # From the database, not as last seen: whoever engages one sees it on the next page.
        return switches_on(tx), habits_of(tx, staff_id) if may_rule else Habits()

    try:
        switches, habits = await visit.services.db.read(work)
        waiting = 0
        if visit.may(Permission.QUEUE_READ):
            waiting = await visit.services.review.waiting_ahead(_LAST_RANK, _NEVER)
    except CannotJudge:
        return _State(is_known=False)
    spared = tuple(name for name in ("blur", "grey") if getattr(habits, name))
    return _State(switches.engaged, True, waiting, spared)


async def _prompt(visit: Visit) -> Prompt:
    """Return what the desk has to say to somebody who works at it."""
    if not (visit.is_signed_in and visit.may(Permission.TICKET_RULE)):
        return Prompt()
    try:
        return await visit.services.review.days.prompt(visit.member.id)
    except CannotJudge:
        return Prompt()


_LAST_RANK: Final = 99
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def _group(visit: Visit, group: Group, path: str, counts: dict[str, int]) -> MenuGroup:
    seen = [item for item in group.items if visit.is_signed_in and visit.may(item.permission)]
    return MenuGroup(
        group.key,
        tuple(
            MenuLine(
                item.key,
                item.path,
                item.icon,
                path == item.path or (item.path != "/console" and path.startswith(item.path + "/")),
                counts.get(item.key, 0),
            )
            for item in seen
        ),
    )


def _here(visit: Visit) -> str:
    """Return this page's address without the choices; after a POST, that of the page's GET."""
    url = visit.request.url
    kept = [
        (name, value)
        for name, value in visit.request.query_params.multi_items()
        if name not in {"lang", "theme"}
    ]
    return url.path + (f"?{urlencode(kept)}" if kept else "")
