"""Trying texts: what the draft finds in them, marked, beside what is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import Response

from app.clock import beijing_day
from app.console.desk.marks import Mark, Piece, pieces
from app.console.forms import Form, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.console.words.board import Board, board
from app.domain.decision import Verdict
from app.domain.screening import Excused, Hit, ScreeningReport, Severity
from app.errors import Invalid
from app.packs.trying import draft_screener
from app.screening.screener import Screener

pages = Pages()

SAMPLES: Final = "/console/samples"
MOST: Final = 50
_LONGEST: Final = 500
_POINTER: Final = "/sample"


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its number on the page, and whether it is new against what is in force."""

    number: int
    hit: Hit
    is_new: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One text: marked, its hits, those that are lost, and what was let go."""

    pieces: tuple[Piece, ...]
    found: tuple[Found, ...]
    lost: tuple[Hit, ...]
    excused: tuple[Excused, ...]


@dataclass(frozen=True, slots=True)
class SamplesView:
    """The form and the results."""

    board: Board
    form: Form
    samples: tuple[Sample, ...]
    most: int

    @property
    def new(self) -> int:
        """How many hits only the draft has."""
        return sum(one.is_new for sample in self.samples for one in sample.found)

    @property
    def lost(self) -> int:
        """How many hits only what is in force has."""
        return sum(len(sample.lost) for sample in self.samples)

    @property
    def same(self) -> int:
        """How many hits both have."""
        return sum(not one.is_new for sample in self.samples for one in sample.found)


@pages.get(SAMPLES, Permission.WORDS_READ)
async def ask_samples(visit: Visit) -> Response:
    """Show the form."""
    view = SamplesView(await board(visit), Form(), (), MOST)
    return await render(visit, "words/samples.html", view)


@pages.post(SAMPLES, Permission.WORDS_READ)
async def try_samples(visit: Visit) -> Response:
    """Show what is found; nothing is kept."""
    shown = await board(visit)
    lines = [line.strip()[:_LONGEST] for line in visit.field("samples").splitlines()]
    texts = [line for line in lines if line][:MOST]
    compiler = visit.services.packs.loader.compiler
    try:
        screener = await draft_screener(compiler, shown.content)
    except Invalid as error:
        view = SamplesView(shown, refused(visit, error), (), MOST)
        return await render(visit, "words/samples.html", view, status=error.status_code)
    in_force = (await visit.services.packs.active()).screener
    today, first = beijing_day(visit.now()), 1
    samples = []
    for text in texts:
        samples.append(_sample(text, (screener, in_force), today, first))
        first += len(samples[-1].found)
    view = SamplesView(shown, typed(visit), tuple(samples), MOST)
    return await render(visit, "words/samples.html", view)


def _sample(text: str, screeners: tuple[Screener, Screener], today: date, first: int) -> Sample:
    after, before = (_report(screener, text, today) for screener in screeners)
    had, has = _keys(before.hits), _keys(after.hits)
    found = tuple(
        Found(number, hit, _key(hit) not in had) for number, hit in enumerate(after.hits, first)
    )
    marks = [
        Mark(
            one.number,
            *one.hit.span,
            Verdict.BLOCK if one.hit.severity is Severity.EXACT else Verdict.HOLD,
        )
        for one in found
    ]
    lost = tuple(hit for hit in before.hits if _key(hit) not in has)
    return Sample(pieces(text, marks), found, lost, after.excused)


def _report(screener: Screener, text: str, today: date) -> ScreeningReport:
    return screener.screen(((_POINTER, text),), on=today)


def _key(hit: Hit) -> tuple[str, str, tuple[int, int], Severity]:
    return hit.list_id, hit.term, hit.span, hit.severity


def _keys(hits: Iterable[Hit]) -> set[tuple[str, str, tuple[int, int], Severity]]:
    return {_key(hit) for hit in hits}
