"""The playground: paste a push, see what would be found, and nothing is kept."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.desk.dossier import TextBlock, text_blocks
from app.console.desk.findings import ShownFinding, shown
from app.console.forms import Fault, Form, filled, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.domain.decision import Verdict
from app.errors import GatewayError
from app.packs.operator_rules import ActiveRules
from app.providers.register import Caller, RegisterSnapshot
from app.pushes.conversion import received
from app.pushes.examples import PUSH_EXAMPLE
from app.pushes.schemas import PushModel
from app.validation import parse_json
from app.wire import SINGLE_LIMIT

pages = Pages()

ADDRESS: Final = "/console/playground"
_DRAFT: Final = "yes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would be decided: the verdict, the findings, the texts with their marks."""

    verdict: Verdict
    findings: tuple[ShownFinding, ...]
    texts: tuple[TextBlock, ...]


@dataclass(frozen=True, slots=True)
class PlaygroundView:
    """The form, who may be pushed for, and what came of it."""

    form: Form
    providers: tuple[tuple[str, str], ...]
    has_draft: bool
    longest: int
    outcome: Outcome | None


@pages.get(ADDRESS, Permission.OWN_RULES_READ)
async def playground(visit: Visit) -> Response:
    """Show the form with an example that names a surface of the register."""
    register = await visit.services.register.current()
    surface = next((one for one in register.surfaces.values()), None)
    example = PUSH_EXAMPLE if surface is None else PUSH_EXAMPLE | {"surface": surface.id}
    start = {
        "push": json.dumps(example, ensure_ascii=False, indent=2),
        "provider": "" if surface is None else surface.provider_id,
        "draft": visit.query("draft"),
    }
    return await _show(visit, filled(start), None)


@pages.post(ADDRESS, Permission.OWN_RULES_READ)
async def try_out(visit: Visit) -> Response:
    """Decide on the push as submitting it now would; a part of the page for htmx."""
    try:
        outcome = await _outcome(visit)
    except GatewayError as error:
        say = visit.t.say
        told = [
            Fault("push", f"{one.pointer} {say(one.message)}".strip()) for one in error.problems
        ]
        form = typed(visit, told or [Fault("push", say(error.detail))])
        return await _show(visit, form, None, HTTPStatus.UNPROCESSABLE_ENTITY)
    return await _show(visit, typed(visit), outcome)


async def _outcome(visit: Visit) -> Outcome:
    """Decide; raises like the API for a push that it would refuse."""
    services = visit.services
    now = services.clock.now()
    body = visit.field("push").encode("utf-8", "surrogatepass")[: SINGLE_LIMIT + 1]
    request, parts = await received(parse_json(PushModel, body), now)
    register = await services.register.current()
    caller = _caller(register, visit.field("provider"), request.surface, visit.member.id)
    rules = await _draft(visit) if visit.field("draft") == _DRAFT else None
    decision = await services.pushes.check(caller, (request, parts), rules)
    findings = shown(decision, visit.t)
    return Outcome(decision.verdict, findings, text_blocks(request, findings, visit.t))


async def _draft(visit: Visit) -> ActiveRules | None:
    versions = await visit.services.operator_rules.versions()
    draft = next((one for one in versions if one.state == "draft"), None)
    return None if draft is None else ActiveRules(f"{draft.number}@{draft.id}", draft.rules)


def _caller(register: RegisterSnapshot, provider: str, surface: str, staff_id: str) -> Caller:
    """Return for whom is decided: the provider chosen, else the owner of the surface."""
    owner = register.surface(surface)
    chosen = provider if register.provider(provider) is not None else None
    provider_id = chosen or ("" if owner is None else owner.provider_id)
    return Caller("snd_playground", "", provider_id, f"staff:{staff_id}", frozenset())


async def _show(
    visit: Visit, form: Form, outcome: Outcome | None, status: int = HTTPStatus.OK
) -> Response:
    register = await visit.services.register.current()
    versions = await visit.services.operator_rules.versions()
    view = PlaygroundView(
        form=form,
        providers=tuple((one.id, one.display_name) for one in register.providers.values()),
        has_draft=any(one.state == "draft" for one in versions),
        longest=SINGLE_LIMIT,
        outcome=outcome,
    )
    template = "playground/outcome.html" if visit.is_htmx else "playground/page.html"
    # htmx swaps in nothing but what succeeded.
    return await render(visit, template, view, status=HTTPStatus.OK if visit.is_htmx else status)
