"""Judging a ruling again without knowing it, and learning afterwards what it was."""

from dataclasses import dataclass
from typing import Final

from fastapi import Response

from app.console.desk.afterwards import as_submitted
from app.console.desk.dossier import PushCard, push_card
from app.console.desk.names import names_for
from app.console.desk.past import PastRuling, past_ruling
from app.console.desk.reviewer import reviewer_of
from app.console.flash import Flash
from app.console.forms import Fault, Form, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.decision import RulingVerdict
from app.errors import Invalid
from app.review.recheck_repository import Recheck
from app.review.rechecks import LONGEST_REASON

pages = Pages()

START: Final = "/console/rechecks"
_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class StartView:
    """How many wait for the reader."""

    waiting: int


@dataclass(frozen=True, slots=True)
class RecheckView:
    """The push as it was submitted; once it is judged, what was ruled and whether it agrees."""

    recheck: Recheck
    card: PushCard
    form: Form
    longest_reason: int
    ruled: PastRuling | None
    agrees: bool


@pages.get(START, Permission.TICKET_RULE)
async def start(visit: Visit) -> Response:
    """Show how many rulings wait to be judged again by the reader."""
    waiting = await visit.services.review.rechecks.waiting(await reviewer_of(visit))
    return await render(visit, "desk/rechecks.html", StartView(waiting))


@pages.post("/console/rechecks/next", Permission.TICKET_RULE)
async def take_next(visit: Visit) -> Response:
    """Open the oldest that the reader may do."""
    found = await visit.services.review.rechecks.next(await reviewer_of(visit))
    if found is None:
        return redirect(visit, START, Flash("rechecks.nothing", "info"))
    return redirect(visit, f"{START}/{found.id}")


@pages.get("/console/rechecks/{recheck_id}", Permission.TICKET_RULE)
async def recheck(visit: Visit) -> Response:
    """Show a push as it was before anybody ruled on it; afterwards what was ruled."""
    return await _show(visit, Form())


@pages.post("/console/rechecks/{recheck_id}", Permission.TICKET_RULE)
async def judge(visit: Visit) -> Response:
    """Write what the reader would have ruled."""
    verdict = visit.field("verdict")
    if verdict not in set(RulingVerdict):
        return await _show(
            visit, typed(visit, [Fault("verdict", visit.t("desk.fault.verdict"))]), _UNPROCESSABLE
        )
    reason = visit.field("reason").replace("\r\n", "\n")
    reviewer, recheck_id = await reviewer_of(visit), visit.path("recheck_id")
    try:
        await visit.services.review.rechecks.judge(
            recheck_id, reviewer, RulingVerdict(verdict), reason
        )
    except Invalid as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, f"{START}/{recheck_id}", Flash("rechecks.done"))


async def _show(visit: Visit, form: Form, status: int = 200) -> Response:
    reviewer = await reviewer_of(visit)
    one, ruling = await visit.services.review.rechecks.get(visit.path("recheck_id"), reviewer)
    names = await names_for(visit)
    dossier = as_submitted(await visit.services.views.dossier(one.push_id))
    approve = RulingVerdict.APPROVE
    view = RecheckView(
        recheck=one,
        card=push_card(dossier, names, visit.t),
        form=form,
        longest_reason=LONGEST_REASON,
        ruled=None if one.done_at is None else past_ruling(ruling, names, visit.t),
        agrees=(one.verdict is approve) is (ruling.ruling.verdict is approve),
    )
    return await render(visit, "desk/recheck.html", view, status=status)
