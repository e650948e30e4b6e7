"""Pages without sign-in and without cookies: complaining about a popup, the demo, the client."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Final, cast

from fastapi import APIRouter, Request, Response

from app.complaints.repository import Complaint, Reason
from app.complaints.service import TEXT_LIMIT, NewComplaint
from app.console.desk.popup import payload_sent
from app.console.services import ConsoleServices
from app.console.texts import LANGUAGES, Texts, texts
from app.console.times import beijing
from app.console.views import environment
from app.domain.registers import AlgorithmFiling
from app.errors import CannotJudge, Invalid, NotFound, TooManyRequests, Words
from app.ratelimit import address_key
from app.settings import Mode
from app.wire import limit_rate

router = APIRouter(include_in_schema=False)

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MOST_FIELDS: Final = 10
_LONGEST_FIELD: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class ReleasedPopup:
    """The popup that somebody complains about, as its envelope shows it."""

    id: str
    title: str
    provider_name: str
    surface_name: str
    released_at: str
    filings: tuple[AlgorithmFiling, ...]


@router.get("/c/{release_id}")
async def ask_complaint(release_id: str, request: Request) -> Response:
    """Show the form, or that nobody knows the popup."""
    limit_rate(request, _services(request).public_limiter, _who(request))
    return await _form(request, release_id, {"reason": "", "text": ""}, {})


@router.post("/c/{release_id}")
async def file_complaint(release_id: str, request: Request) -> Response:
    """File the complaint and show its number; what is wrong stands beside its field."""
    services, t = _services(request), _texts(request)
    try:
        limit_rate(request, services.public_limiter, _who(request))
    except TooManyRequests as error:
        values = await _values(request)
        answer = await _form(request, release_id, values, {"form": t.say(error.detail)}, 429)
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    values = await _values(request)
    new = NewComplaint(release_id, values["reason"], values["text"], t.language)
    try:
        filed = await services.complaints.file(new)
    except Invalid as error:
        faults = _faults(error, t)
        return await _form(request, release_id, values, faults, HTTPStatus.UNPROCESSABLE_ENTITY)
    except CannotJudge as error:
        faults = {"form": t.say(error.detail)}
        return await _form(request, release_id, values, faults, error.status_code)
    except NotFound:
        return await _form(request, release_id, values, {})
    return _done(request, filed)


@router.get("/demo/{surface_id}")
async def demo(surface_id: str, request: Request) -> Response:
    """Show popups of a surface as a recipient gets them; there is no such page in production."""
    if _services(request).settings.mode is not Mode.DEMO:
        raise NotFound(Words("仅演示模式提供此页", "Only the demo mode has this page"))
    register = await _services(request).register.current()
    surface = register.surface(surface_id)
    if surface is None or surface.closed:
        words = _texts(request).say(Words("没有这个展示端", "There is no such surface"))
        return _page(request, "public/missing.html", {"words": words}, HTTPStatus.NOT_FOUND)
    return _page(request, "public/demo.html", {"surface_id": surface_id, "gateway_base": ""})


@router.get("/client/popgate-client.js")
async def web_client(request: Request) -> Response:
    """Return the web client that pages of any origin may embed."""
    body, tag = _client()
    headers = {
        "etag": tag,
        "cache-control": "public, max-age=300, must-revalidate",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type="text/javascript; charset=utf-8")


async def _form(
    request: Request,
    release_id: str,
    values: dict[str, str],
    errors: dict[str, str],
    status: int = HTTPStatus.OK,
) -> Response:
    t = _texts(request)
    popup = await _popup(request, release_id)
    view = {
        "release": popup,
        "reasons": [(one.value, t(f"complaints.reason.{one.value}")) for one in Reason],
        "values": values,
        "errors": errors,
        "action": f"/c/{release_id}?lang={t.language}",
        "text_limit": TEXT_LIMIT,
    }
    status = HTTPStatus.NOT_FOUND if popup is None else status
    return _page(request, "public/complaint.html", view, status)


async def _popup(request: Request, release_id: str) -> ReleasedPopup | None:
    services = _services(request)
    release = await services.views.release(release_id)
    if release is None:
        return None
    shown = payload_sent(release.envelope)
    register = await services.register.current()
    surface = register.surface(release.surface_id)
    filed = register.on_file(release.provider_id).algorithms
    return ReleasedPopup(
        id=release.id,
        title=shown["title"],
        provider_name=shown["provider"]["name"],
        surface_name=release.surface_id if surface is None else surface.name,
        released_at=f"{beijing(release.released_at)} {_texts(request)('time.zone_short')}",
        filings=tuple(one for one in filed if one.number is not None),
    )


def _done(request: Request, filed: Complaint) -> Response:
    at = f"{beijing(filed.filed_at)} {_texts(request)('time.zone_short')}"
    view = {"number": filed.number, "filed_at": at}
    return _page(request, "public/complaint_done.html", view, HTTPStatus.CREATED)


def _page(
    request: Request, template: str, view: Mapping[str, object], status: int = HTTPStatus.OK
) -> Response:
    t = _texts(request)
    other = "zh" if t.language == "en" else "en"
    html = (
        environment()
        .get_template(template)
        .render(lang=t.language, other_lang_url=f"{request.url.path}?lang={other}", **view)
    )
    headers = {
        "content-security-policy": _POLICY,
        "content-language": t.language,
        "vary": "Accept-Language",
    }
    return Response(html, status, headers, media_type="text/html")


def _faults(error: Invalid, t: Texts) -> dict[str, str]:
    """Return what is wrong by field; a missing reason or text in the form's own words."""
    faults = {}
    for problem in error.problems:
        field = problem.pointer.strip("/")
        key = f"complaints.fault.{field}"
        missing = problem.code in {"required", "unknown_value"}
        faults[field] = t(key) if missing and t.has(key) else t.say(problem.message)
    return faults


async def _values(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)
    found = {name: form.get(name) for name in ("reason", "text")}
    return {name: value if isinstance(value, str) else "" for name, value in found.items()}


def _services(request: Request) -> ConsoleServices:
    return cast("ConsoleServices", request.state.services)


def _who(request: Request) -> str:
    return address_key(None if request.client is None else request.client.host)


def _texts(request: Request) -> Texts:
    wanted = request.query_params.get("lang")
    return texts(wanted if wanted in LANGUAGES else LANGUAGES[0])


@cache
def _client() -> tuple[bytes, str]:
    body = files("app.delivery").joinpath("web_client", "popgate-client.js").read_bytes()
    return body, f'"{sha256(body).hexdigest()[:16]}"'
