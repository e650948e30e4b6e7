"""Word lists: all of them with their numbers, and the terms of one, searched and by page."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Response

from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.console.words.board import ORIGINS, Board, ListLine, TermRow, board
from app.screening.wordlist import WordList

pages = Pages()

LIST: Final = "/console/words"
MARKS: Final = ("exact", "hold")
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class ListsView:
    """Every list, and the pack that they are shown in."""

    board: Board
    lines: tuple[ListLine, ...]
    terms: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What was looked for in a list."""

    text: str
    mark: str
    origin: str
    page: int

    def address(self, base: str, page: int) -> str:
        """Return the address of another page of the same search."""
        asked = {"q": self.text, "mark": self.mark, "origin": self.origin, "page": str(page)}
        return f"{base}?{urlencode({name: value for name, value in asked.items() if value})}"


@dataclass(frozen=True, slots=True)
class TermsView:
    """The terms of one list that were looked for, a page of them."""

    board: Board
    word_list: WordList
    filter: Filter
    rows: tuple[TermRow, ...]
    found: int
    total: int
    first: int
    pages: int


@pages.get(LIST, Permission.WORDS_READ)
async def word_lists(visit: Visit) -> Response:
    """List the word lists."""
    shown = await board(visit)
    lines = shown.lines()
    view = ListsView(shown, lines, sum(line.total for line in lines))
    return await render(visit, "words/list.html", view)


@pages.get("/console/words/{list_id}", Permission.WORDS_READ)
async def terms(visit: Visit) -> Response:
    """Show the terms of one list."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    rows = shown.rows(word_list.list_id)
    asked = _filter(visit)
    found = [row for row in rows if _matches(row, asked)]
    pages_found = max(1, -(-len(found) // _PAGE))
    page = min(asked.page, pages_found)
    first = (page - 1) * _PAGE
    view = TermsView(
        board=shown,
        word_list=word_list,
        filter=Filter(asked.text, asked.mark, asked.origin, page),
        rows=tuple(found[first : first + _PAGE]),
        found=len(found),
        total=len(rows),
        first=first + 1,
        pages=pages_found,
    )
    return await render(visit, "words/terms.html", view)


def _filter(visit: Visit) -> Filter:
    mark, origin, page = visit.query("mark"), visit.query("origin"), visit.query("page")
    return Filter(
        text=visit.query("q")[:100],
        mark=mark if mark in MARKS else "",
        origin=origin if origin in {*ORIGINS, "pending"} else "",
        page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,  # noqa: PLR2004
    )


def _matches(row: TermRow, asked: Filter) -> bool:
    entry = row.entry
    if asked.mark and (entry.removed or entry.mark.value != asked.mark):
        return False
    if asked.origin == "pending":
        in_origin = row.pending
    else:
        in_origin = not asked.origin or row.origin == asked.origin
    return in_origin and (asked.text in entry.text or asked.text in entry.reason)
