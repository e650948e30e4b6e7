"""A reviewer's own day: what is done, breaks, and how the desk spares them."""

from dataclasses import dataclass
from typing import Final

from fastapi import Response

from app.console.charts import percent
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Invalid
from app.review.day import AGREEMENT_DAYS, Day
from app.review.day_repository import BREAK_AFTER, MOST_SEVERE, Habits
from app.review.health import Health
from app.review.states import MAX_CLAIMS

pages = Pages()

HERE: Final = "/console/day"
_SWITCHES: Final = ("blur", "grey")
_LONGEST_NUMBER: Final = 5


@dataclass(frozen=True, slots=True)
class DayView:
    """One's own day, how the queue is, and the form of how one wants the desk."""

    day: Day
    health: Health
    claims: int
    most_claims: int
    ruled: int
    approved: str
    paused_seconds: int
    minutes: int
    is_on_break: bool
    agreement_days: int
    break_after: tuple[int, ...]
    most_severe: int
    form: Form


@pages.get(HERE, Permission.TICKET_RULE)
async def day(visit: Visit) -> Response:
    """Show one's own day; nobody sees another's."""
    return await _show(visit, None)


@pages.post(HERE, Permission.TICKET_RULE)
async def save(visit: Visit) -> Response:
    """Keep how one wants the desk."""
    number = visit.field("most_severe").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        fault = Fault("most_severe", visit.t("day.bad_number", most=MOST_SEVERE))
        return await _show(visit, typed(visit, [fault]), 422)
    after = visit.field("break_after")
    habits = Habits(
        blur="blur" in visit.fields("spare"),
        grey="grey" in visit.fields("spare"),
        break_after=int(after) if after in {str(one) for one in BREAK_AFTER} else -1,
        most_severe=int(number),
    )
    try:
        await visit.services.review.days.set_habits(visit.member.id, habits)
    except Invalid as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, HERE, Flash("day.saved"))


@pages.post(HERE + "/switch", Permission.TICKET_RULE)
async def switch(visit: Visit) -> Response:
    """Blur pictures or take the colours away, or give them back, and go on where one was."""
    name = visit.field("name")
    if name in _SWITCHES:
        await visit.services.review.days.switch(visit.member.id, name)
    back = visit.field("back")
    is_ours = back.startswith("/console/") and not back.startswith("//") and "\\" not in back
    return redirect(visit, back if is_ours else HERE)


@pages.post(HERE + "/break", Permission.TICKET_RULE)
async def take_break(visit: Visit) -> Response:
    """Begin a break, or end it."""
    days = visit.services.review.days
    if visit.field("back") == "yes":
        ended = await days.end_break(visit.member.id)
        return redirect(visit, HERE, Flash("day.back" if ended else "day.no_break"))
    begun = await days.begin_break(visit.member.id)
    return redirect(visit, HERE, Flash("day.begun" if begun else "day.begun_before"))


async def _show(visit: Visit, form: Form | None, status: int = 200) -> Response:
    review = visit.services.review
    shown = await review.days.today(visit.member.id)
    habits, now = shown.habits, visit.now()
    given = shown.done.verdicts
    ends = [((one.ended_at or now) - one.began_at).total_seconds() for one in shown.breaks]
    spare = [name for name in _SWITCHES if getattr(habits, name)]
    values = {
        "spare": spare,
        "break_after": str(habits.break_after),
        "most_severe": str(habits.most_severe),
    }
    view = DayView(
        day=shown,
        health=await review.health.now(),
        claims=len(await review.my_claims(visit.member.id)),
        most_claims=MAX_CLAIMS,
        ruled=given.total(),
        approved=percent(given["approve"], given.total()),
        paused_seconds=int(sum(ends)),
        minutes=0 if shown.since is None else int((now - shown.since).total_seconds() // 60),
        is_on_break=any(one.ended_at is None for one in shown.breaks),
        agreement_days=AGREEMENT_DAYS,
        break_after=BREAK_AFTER,
        most_severe=MOST_SEVERE,
        form=form or filled(values),
    )
    return await render(visit, "desk/day.html", view, status=status)
