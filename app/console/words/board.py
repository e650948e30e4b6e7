"""The lists as they stand in the pack being worked on, or else in the one in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.console.session import Visit
from app.domain.screening import Severity
from app.errors import NotFound, Words
from app.packs.content import ExemptionEntry, PackContent, TermEntry
from app.packs.differences import Shipped
from app.packs.pack_repository import RulePack
from app.packs.publishing import Overview
from app.packs.states import PackState
from app.screening.wordlist import WordList

ORIGINS: Final = ("shipped", "added", "changed", "removed")


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term as it stands, and where that comes from; `pending` while it is not in force."""

    entry: TermEntry
    origin: str
    pending: bool


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list with its numbers: exact and hold as they stand, and what the pack changes."""

    word_list: WordList
    exact: int
    hold: int
    changes: int

    @property
    def total(self) -> int:
        """How many terms stand in it."""
        return self.exact + self.hold


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that pages on lists need: `shown` is the open pack or else the active one."""

    overview: Overview
    shown: RulePack | None
    content: PackContent
    active_content: PackContent
    ships: Shipped
    lists: tuple[WordList, ...]

    @property
    def draft(self) -> RulePack | None:
        """The pack that can be changed."""
        found = self.overview.open
        return found if found is not None and found.state is PackState.DRAFT else None

    @property
    def category_titles(self) -> dict[str, tuple[str, str]]:
        """What the categories are called, in Chinese and in English, after their first lists."""
        return {one.category.value: (one.title_zh, one.title_en) for one in reversed(self.lists)}

    def word_list(self, list_id: str) -> WordList:
        """Return a list; NotFound."""
        for one in self.lists:
            if one.list_id == list_id:
                return one
        raise NotFound(Words("没有这个词库", "There is no such word list"))

    def rows(self, list_id: str) -> list[TermRow]:
        """Return the terms of a list, the pack's own first."""
        own = {one.text: one for one in self.content.terms if one.list_id == list_id}
        in_force = {one.text: one for one in self.active_content.terms if one.list_id == list_id}
        changed = [
            TermRow(one, self._origin(one), in_force.get(one.text) != one) for one in own.values()
        ]
        # What the draft takes back is pending too.
        kept = [
            TermRow(term, "shipped", term.text in in_force)
            for term in self.ships.by_list[list_id]
            if term.text not in own
        ]
        return [*changed, *kept]

    def lines(self) -> tuple[ListLine, ...]:
        """Return every list with its numbers."""
        return tuple(self._line(one) for one in self.lists)

    def exemptions(self) -> Iterator[tuple[ExemptionEntry, str]]:
        """Yield every exemption with its origin, the pack's own first."""
        own = {one.phrase: one for one in self.content.exemptions}
        for one in own.values():
            origin = "changed" if one.phrase in self.ships.exemptions else "added"
            yield one, "removed" if one.lifted else origin
        for phrase, entry in self.ships.exemptions.items():
            if phrase not in own:
                yield entry, "shipped"

    def _origin(self, entry: TermEntry) -> str:
        if entry.removed:
            return "removed"
        return "changed" if (entry.list_id, entry.text) in self.ships.terms else "added"

    def _line(self, word_list: WordList) -> ListLine:
        rows = self.rows(word_list.list_id)
        standing = [row.entry for row in rows if row.origin != "removed"]
        exact = sum(entry.mark is Severity.EXACT for entry in standing)
        changes = sum(row.origin != "shipped" for row in rows)
        return ListLine(word_list, exact, len(standing) - exact, changes)


async def board(visit: Visit) -> Board:
    """Read how the lists stand."""
    services = visit.services
    overview = await services.publishing.overview()
    shown = overview.open or overview.active
    content = active_content = PackContent()
    if shown is not None:
        view = await services.authoring.view(shown.id)
        content, active_content = view.content, view.active_content
    loader = services.packs.loader
    lists = loader.base.lexicon.lists
    return Board(overview, shown, content, active_content, loader.ships, lists)
