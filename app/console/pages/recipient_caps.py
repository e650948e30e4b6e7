"""Why a recipient got a popup or did not: each cap, used by which pushes; for a complaint."""

from dataclasses import dataclass
from typing import Final

from fastapi import Response

from app.console.forms import Fault, Form, filled
from app.console.pages.topics import topic_names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.delivery.explaining import Explained, ExplainedCap
from app.delivery.outcomes import Outcome
from app.errors import NotFound
from app.policy.sentences import sentence

pages = Pages()

PATH: Final = "/console/policy/recipient"
_LONGEST_TOKEN: Final = 64


@dataclass(frozen=True, slots=True)
class UseLine:
    """A push that a cap counts."""

    push_id: str
    at: object
    outcome: str
    provider: str


@dataclass(frozen=True, slots=True)
class CapLine:
    """A cap in words and how it stands; `counted_for` is what its count is kept for besides."""

    one: ExplainedCap
    words: str
    counted_for: tuple[str, ...]
    uses: tuple[UseLine, ...]


@dataclass(frozen=True, slots=True)
class RecipientView:
    """The form, and once it is filled in, the caps of that recipient."""

    form: Form
    surfaces: tuple[tuple[str, str], ...]
    found: Explained | None
    lines: tuple[CapLine, ...]


@pages.get(PATH, Permission.POLICY_READ)
async def recipient_caps(visit: Visit) -> Response:
    """Show how the caps stand for the recipient that is asked for."""
    register = await visit.services.register.current()
    names = {one.id: one.name for one in register.surfaces.values()}
    surface, token = visit.query("surface"), visit.query("recipient").strip()
    faults: list[Fault] = []
    found = None
    if token and len(token) <= _LONGEST_TOKEN:
        try:
            found = await visit.services.explaining.explain(surface, token)
        except NotFound as error:
            faults.append(Fault("surface", visit.t.say(error.detail)))
    elif token:
        faults.append(Fault("recipient", visit.t("recipient_caps.too_long", n=_LONGEST_TOKEN)))
    providers = {one.id: one.display_name for one in register.providers.values()}
    form = Form(filled({"surface": surface, "recipient": token}).values, tuple(faults))
    view = RecipientView(
        form=form,
        surfaces=tuple(names.items()),
        found=found,
        lines=()
        if found is None
        else _lines(visit, found, names | providers | await topic_names(visit)),
    )
    return await render(visit, "policy/recipient.html", view)


def _lines(visit: Visit, found: Explained, names: dict[str, str]) -> tuple[CapLine, ...]:
    return tuple(
        CapLine(
            one=one,
            words=visit.t.say(sentence(one.cap, names)),
            counted_for=_counted_for(visit, one, names),
            uses=tuple(
                UseLine(
                    used.push_id,
                    used.at,
                    Outcome(used.outcome).name.lower(),
                    names.get(used.provider_id, used.provider_id),
                )
                for used in one.used_by
            ),
        )
        for one in found.caps
    )


def _counted_for(visit: Visit, one: ExplainedCap, names: dict[str, str]) -> tuple[str, ...]:
    scope = one.scope
    if scope is None:
        return ()
    said = [names.get(one, one) for one in (scope.surface, scope.provider) if one]
    if scope.kind:
        said.append(visit.t(f"push_kind.{scope.kind}"))
    if scope.topic is not None:
        said.append(scope.topic or visit.t("recipient_caps.no_topic"))
    return tuple(said)
