"""One's own second factor: setting it up, recovery codes, another phone, turning it off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.permissions import Permission
from app.console.qr import QrCode, qr_code
from app.console.routing import SECOND_FACTOR, Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, GatewayError, Invalid, TooManyRequests
from app.staff.second_factor import FactorState

pages = Pages()

ACCOUNT = "/console/account"


@dataclass(frozen=True, slots=True)
class FactorView:
    """How it stands; `must` while nothing else can be used before it is set up."""

    state: FactorState
    qr: QrCode | None
    form: Form
    required: bool
    must: bool


@dataclass(frozen=True, slots=True)
class CodesView:
    """Recovery codes, in the answer to the form and nowhere else."""

    codes: tuple[str, ...] = field(repr=False)


@pages.get(SECOND_FACTOR, Permission.OWN_ACCOUNT)
async def second_factor(visit: Visit) -> Response:
    """Show how one's second factor stands, and the secret while it is being set up."""
    return await _show(visit, Form())


@pages.post("/console/account/second-factor/begin", Permission.OWN_ACCOUNT)
async def begin(visit: Visit) -> Response:
    """Make a secret to set up; who has a second factor gives a code of it first."""

    async def work() -> Response:
        factors, code = visit.services.second_factors, visit.field("code")
        await factors.begin(visit.own_session, code, visit.address)
        return redirect(visit, SECOND_FACTOR)

    return await _or_again(visit, work)


@pages.post("/console/account/second-factor/give-up", Permission.OWN_ACCOUNT)
async def give_up(visit: Visit) -> Response:
    """Forget the secret that was being set up."""
    await visit.services.second_factors.give_up(visit.own_session)
    return redirect(visit, SECOND_FACTOR)


@pages.post("/console/account/second-factor/confirm", Permission.OWN_ACCOUNT)
async def confirm(visit: Visit) -> Response:
    """Put the secret in use and show the recovery codes once."""

    async def work() -> Response:
        factors = visit.services.second_factors
        return await _codes(visit, await factors.confirm(visit.own_session, visit.field("code")))

    return await _or_again(visit, work)


@pages.post("/console/account/second-factor/codes", Permission.OWN_ACCOUNT)
async def renew_codes(visit: Visit) -> Response:
    """Replace the recovery codes and show the new ones once."""

    async def work() -> Response:
        factors, code = visit.services.second_factors, visit.field("code")
        return await _codes(
            visit, await factors.renew_codes(visit.own_session, code, visit.address)
        )

    return await _or_again(visit, work)


@pages.post("/console/account/second-factor/off", Permission.OWN_ACCOUNT)
async def turn_off(visit: Visit) -> Response:
    """Sign in without a second factor from now on."""

    async def work() -> Response:
        factors, code = visit.services.second_factors, visit.field("code")
        await factors.turn_off(visit.own_session, code, visit.address)
        return redirect(visit, ACCOUNT, Flash("second_factor.off_done", "warn"))

    return await _or_again(visit, work)


async def _or_again(visit: Visit, work: Callable[[], Awaitable[Response]]) -> Response:
    try:
        return await work()
    except (Invalid, TooManyRequests, Conflict) as error:
        return await _refused(visit, error)


async def _refused(visit: Visit, error: GatewayError) -> Response:
    answer = await _show(visit, refused(visit, error), error.status_code)
    if error.retry_after is not None:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


async def _codes(visit: Visit, codes: tuple[str, ...]) -> Response:
    return await render(visit, "recovery_codes.html", CodesView(codes))


async def _show(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    state = await visit.services.second_factors.state(visit.own_session)
    required = visit.services.settings.requires_second_factor
    view = FactorView(
        state=state,
        qr=None if state.pending is None else qr_code(state.pending.uri),
        form=form,
        required=required,
        must=required and state.since is None,
    )
    return await render(visit, "second_factor.html", view, status=status)
