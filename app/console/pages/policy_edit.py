"""Proposing a version of the frequency policy: the whole language as a form, checked as typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

from fastapi import Response

from app.console.cap_rows import (
    HOUSES,
    MOST_ROWS,
    SPARE_ROWS,
    UNITS,
    WHOM,
    WINDOWS,
    Known,
    Unreadable,
    faults_of,
    filled_rows,
    notes_on,
    number_of_rows,
    read_instant,
    read_rows,
)
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, typed
from app.console.pages.topics import registered, topic_names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.policy import Cap, Mode, Over, Per
from app.domain.policy_faults import HIGHEST_LIMIT, HIGHEST_OF_ALL, LONGEST_SOURCE
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.errors import Invalid
from app.policy.sentences import sentence

pages = Pages()

_LIST: Final = "/console/policy"
_EDIT: Final = "/console/policy/new"

Options: TypeAlias = tuple[tuple[str, str], ...]
Choices: TypeAlias = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of the form: the cap in words if it can be read, and whether it has faults.

    `note` says what may surprise about it beside the others.
    """

    number: int
    words: str
    note: str
    has_fault: bool
    is_spare: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from, in the visitor's language."""

    windows: Options
    units: Options
    kinds: Choices
    surfaces: Choices
    providers: Choices
    classes: Choices
    minors: Choices
    topics: Options
    whom: Options
    per: Choices
    overs: Options
    modes: Options
    houses: Options


@dataclass(frozen=True, slots=True)
class EditView:
    """The form and what its choices are; `is_checked` once it was checked without a fault."""

    form: Form
    rows: tuple[RowLine, ...]
    offered: Offered
    highest: int
    highest_together: int
    longest_source: int
    is_checked: bool


@pages.get(_EDIT, Permission.POLICY_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form with the caps in force, or with those of the version in `from`."""
    versions = await visit.services.policies.versions()
    wanted = visit.query("from")
    chosen = next(
        (one for one in versions if (one.id == wanted if wanted else one.state == "active")), None
    )
    caps = () if chosen is None else chosen.caps
    return await _ask(visit, filled(filled_rows(caps)), caps, tuple(range(len(caps))))


@pages.post(_EDIT, Permission.POLICY_WRITE)
async def propose(visit: Visit) -> Response:
    """Check the caps, and unless that was all that was asked, keep them as a draft."""
    rows = number_of_rows(visit)
    known = await _known(visit)
    caps, places, faults = read_rows(visit, rows, known)
    starts = None
    try:
        starts = read_instant(visit.field("effective_from").strip())
    except Unreadable as error:
        faults.append(Fault("effective_from", visit.t(f"policy.fault.{error.key}")))
    if faults:
        return await _refuse(visit, faults, caps, places)
    policies, only_check = visit.services.policies, visit.field("act") == "check"
    try:
        if only_check:
            await policies.check(caps, starts)
            return await _ask(visit, typed(visit), caps, places, is_checked=True)
        await policies.propose(visit.member.id, caps, visit.field("reason"), starts)
    except Invalid as error:
        return await _refuse(visit, faults_of(visit, error, places), caps, places)
    return redirect(visit, _LIST, Flash("policy.proposed"))


async def _refuse(
    visit: Visit, faults: list[Fault], caps: tuple[Cap, ...], places: tuple[int, ...]
) -> Response:
    return await _ask(visit, typed(visit, faults), caps, places)


async def _ask(
    visit: Visit,
    form: Form,
    caps: tuple[Cap, ...],
    places: tuple[int, ...],
    *,
    is_checked: bool = False,
) -> Response:
    known = await _known(visit)
    called = dict(known.surfaces) | dict(known.providers) | await topic_names(visit)
    words = {row: visit.t.say(sentence(cap, called)) for cap, row in zip(caps, places, strict=True)}
    said = {} if form.faults else notes_on(visit, caps)
    notes = {row: said.get(at, "") for at, row in enumerate(places)}
    view = EditView(
        form=form,
        rows=_lines(form, words, notes),
        offered=_offered(visit, known, await registered(visit)),
        highest=HIGHEST_LIMIT,
        highest_together=HIGHEST_OF_ALL,
        longest_source=LONGEST_SOURCE,
        is_checked=is_checked,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.faults else HTTPStatus.OK
    return await render(visit, "policy/new.html", view, status=status)


def _lines(form: Form, words: Mapping[int, str], notes: Mapping[int, str]) -> tuple[RowLine, ...]:
    faulty = {fault.name.rpartition("_")[2] for fault in form.faults}
    used = {
        int(name.removeprefix("window_"))
        for name in form.values
        if name.startswith("window_") and form.value(name)
    }
    number = min(max(used, default=-1) + 1 + SPARE_ROWS, MOST_ROWS)
    return tuple(
        RowLine(row, words.get(row, ""), notes.get(row, ""), str(row) in faulty, row not in used)
        for row in range(number)
    )


def _offered(visit: Visit, known: Known, topics: Options) -> Offered:
    def said(key: str, values: Iterable[str]) -> Options:
        return tuple((str(one), visit.t(f"{key}.{one}")) for one in values)

    def choices(options: Iterable[tuple[str, str]]) -> Choices:
        return tuple((value, words, "") for value, words in options)

    return Offered(
        windows=said("policy.window", WINDOWS),
        units=said("policy.unit", UNITS),
        kinds=choices(said("push_kind", ContentKind)),
        surfaces=choices(known.surfaces.items()),
        providers=choices(known.providers.items()),
        classes=choices(said("paper.class", ContentClass)),
        minors=choices(said("terms.minors", MinorsAudience)),
        topics=topics,
        whom=said("policy.whom_way", WHOM),
        per=choices(said("policy.each", (one for one in Per if one is not Per.RECIPIENT))),
        overs=said("policy.over_way", Over),
        modes=said("policy.mode_way", Mode),
        houses=said("policy.house_way", HOUSES),
    )


async def _known(visit: Visit) -> Known:
    register = await visit.services.register.current()
    return Known(
        surfaces={one.id: one.name for one in register.surfaces.values()},
        providers={one.id: one.display_name for one in register.providers.values()},
    )
