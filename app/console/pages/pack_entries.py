"""The other things that a rule pack says: exemptions with scope and end, and limits."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.pages.term import must_have_draft
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.console.words.board import Board, board
from app.domain.facts import Limit
from app.domain.screening import TermCategory
from app.errors import FieldProblem, Invalid, Words
from app.packs.content import ExemptionEntry, ItemKind, LimitEntry
from app.rules.limits import REQUIRED, RequiredLimit
from app.screening.exemptions import Scope

pages = Pages()

EXEMPTIONS: Final = "/console/exemptions"
LIMITS: Final = "/console/limits"


@dataclass(frozen=True, slots=True)
class ExemptionsView:
    """Every exemption with its origin, and the form for another."""

    board: Board
    rows: tuple[tuple[ExemptionEntry, str], ...]
    categories: tuple[TermCategory, ...]
    providers: dict[str, str]
    form: Form
    today: date


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A number as it stands, as it is shipped, and how far it may be moved."""

    limit: Limit
    shipped: Limit
    bounds: RequiredLimit


@dataclass(frozen=True, slots=True)
class LimitsView:
    """Every number that rules read."""

    board: Board
    lines: tuple[LimitLine, ...]
    form: Form


@pages.get(EXEMPTIONS, Permission.WORDS_READ)
async def exemptions(visit: Visit) -> Response:
    """List the exemptions."""
    return await _exemptions(visit, Form())


@pages.post(EXEMPTIONS, Permission.WORDS_WRITE)
async def save_exemption(visit: Visit) -> Response:
    """Keep an exemption in the draft."""
    try:
        entry = _exemption(visit)
        draft = must_have_draft(await board(visit))
        await visit.services.authoring.save(draft.id, visit.member.id, [entry])
    except Invalid as error:
        return await _exemptions(visit, refused(visit, error), error.status_code)
    values = {"phrase": entry.phrase}
    return redirect(visit, EXEMPTIONS, Flash("words.exemption_saved", "good", values))


@pages.post("/console/exemptions/lift", Permission.WORDS_WRITE)
async def lift_exemption(visit: Visit) -> Response:
    """End a shipped exemption, or drop what the draft says of a phrase."""
    shown = await board(visit)
    draft = must_have_draft(shown)
    phrase = visit.field("phrase")
    own = {one.phrase for one in shown.content.exemptions}
    if phrase in own:
        key = (ItemKind.EXEMPTION, "", phrase)
        await visit.services.authoring.drop(draft.id, visit.member.id, key)
    else:
        reason = visit.field("reason").strip()
        entry = ExemptionEntry(phrase, reason=reason, lifted=True)
        await visit.services.authoring.save(draft.id, visit.member.id, [entry])
    return redirect(visit, EXEMPTIONS, Flash("words.exemption_lifted", "info", {"phrase": phrase}))


@pages.get(LIMITS, Permission.WORDS_READ)
async def limits(visit: Visit) -> Response:
    """List the numbers that rules read."""
    return await _limits(visit, Form())


@pages.post(LIMITS, Permission.WORDS_WRITE)
async def save_limit(visit: Visit) -> Response:
    """Keep a number in the draft, with where it comes from."""
    name, value = visit.field("name"), visit.field("value").strip()
    draft = must_have_draft(await board(visit))
    try:
        entry = LimitEntry(name, _number(value), visit.field("source").strip())
        await visit.services.authoring.save(draft.id, visit.member.id, [entry])
    except Invalid as error:
        return await _limits(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIMITS, Flash("words.limit_saved"))


@pages.post("/console/limits/restore", Permission.WORDS_WRITE)
async def restore_limit(visit: Visit) -> Response:
    """Let a number be the shipped one again, in the draft."""
    draft = must_have_draft(await board(visit))
    key = (ItemKind.LIMIT, "", visit.field("name"))
    await visit.services.authoring.drop(draft.id, visit.member.id, key)
    return redirect(visit, LIMITS, Flash("words.limit_restored", "info"))


def _number(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 9):  # noqa: PLR2004 - digits of any limit
        words = Words("请填写整数", "Give a whole number")
        raise Invalid(problems=(FieldProblem("/value", "not_a_number", words),))
    return int(text)


def _exemption(visit: Visit) -> ExemptionEntry:
    until = visit.field("until").strip()
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError as error:
        words = Words("日期格式应为 2026-12-31", "A date is written as 2026-12-31")
        raise Invalid(problems=(FieldProblem("/until", "not_a_date", words),)) from error
    categories = [one for one in visit.fields("categories") if one in set(TermCategory)]
    return ExemptionEntry(
        phrase=visit.field("phrase").strip(),
        scope=Scope(
            frozenset(TermCategory(one) for one in categories),
            frozenset(visit.field("terms").split()),
            frozenset(one for one in visit.fields("providers") if one),
        ),
        until=last,
        reason=visit.field("reason").strip(),
    )


async def _exemptions(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    shown = await board(visit)
    register = await visit.services.register.current()
    view = ExemptionsView(
        board=shown,
        rows=tuple(shown.exemptions()),
        categories=tuple(TermCategory),
        providers={one.id: one.display_name for one in register.providers.values()},
        form=form,
        today=visit.now().date(),
    )
    return await render(visit, "words/exemptions.html", view, status=status)


async def _limits(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    shown = await board(visit)
    bounds = {one.name: one for one in REQUIRED}
    shipped = {one.name: one for one in shown.ships.limits}
    lines = tuple(
        LimitLine(one, shipped[one.name], bounds[one.name])
        for one in shown.content.over(shown.ships.limits)
        if one.name in bounds
    )
    return await render(visit, "words/limits.html", LimitsView(shown, lines, form), status=status)
