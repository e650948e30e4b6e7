"""What a rule pack says, as values: terms, exemptions and limits laid over what is shipped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

from app.domain.canonical import canonical_bytes, sha256_digest
from app.domain.facts import Limit
from app.domain.screening import Severity, Technique, TermCategory
from app.screening.exemptions import Exemption, Scope
from app.screening.lexicon import Lexicon
from app.screening.merging import Changes, merged
from app.screening.wordlist import Term, WordList

# What an entry of a pack has for a line: it stands in no file.
_NO_LINE: Final = 0


class ItemKind(StrEnum):
    """What an item of a pack is about."""

    TERM = "term"
    EXEMPTION = "exemption"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a pack: `list_id` is empty but for terms, `value` holds JSON types alone."""

    kind: ItemKind
    list_id: str
    name: str
    value: Mapping[str, Any]

    @property
    def key(self) -> tuple[ItemKind, str, str]:
        """What the item is about; a pack holds one for each."""
        return self.kind, self.list_id, self.name


@dataclass(frozen=True, slots=True)
class TermEntry:
    """How a term of a list stands in a pack, or that it is removed.

    An empty `clause` is that of the list. `must_hit` and `must_pass` are texts in which this very
    term has to be found, and must not be.
    """

    list_id: str
    text: str
    removed: bool = False
    mark: Severity = Severity.HOLD
    off: frozenset[Technique] = frozenset()
    on: frozenset[Technique] = frozenset()
    exceptions: tuple[str, ...] = ()
    clause: str = ""
    reason: str = ""
    must_hit: tuple[str, ...] = ()
    must_pass: tuple[str, ...] = ()
    source: str = ""

    def to_item(self) -> Item:
        """Return the row that says the same."""
        if self.removed:
            value: dict[str, Any] = {"removed": True, "reason": self.reason}
        else:
            value = {
                "mark": self.mark.value,
                "off": sorted(one.value for one in self.off),
                "on": sorted(one.value for one in self.on),
                "exceptions": list(self.exceptions),
                "clause": self.clause,
                "reason": self.reason,
                "must_hit": list(self.must_hit),
                "must_pass": list(self.must_pass),
                "source": self.source,
            }
        return Item(ItemKind.TERM, self.list_id, self.text, value)

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Read a row; KeyError or ValueError on anything that `to_item` does not write."""
        value = item.value
        if value.get("removed"):
            return cls(item.list_id, item.name, removed=True, reason=value["reason"])
        return cls(
            list_id=item.list_id,
            text=item.name,
            mark=Severity(value["mark"]),
            off=frozenset(Technique(name) for name in value["off"]),
            on=frozenset(Technique(name) for name in value["on"]),
            exceptions=tuple(value["exceptions"]),
            clause=value["clause"],
            reason=value["reason"],
            must_hit=tuple(value["must_hit"]),
            must_pass=tuple(value["must_pass"]),
            source=value["source"],
        )

    @classmethod
    def of(cls, term: Term) -> Self:
        """Return the entry that would leave a shipped term as it is."""
        return cls(
            list_id=term.list_id,
            text=term.text,
            mark=term.severity,
            off=term.off,
            on=term.on,
            exceptions=term.exceptions,
            clause=term.clause,
            reason=term.reason,
            must_hit=term.must_hit,
            must_pass=term.must_pass,
            source=term.source,
        )

    def term(self, word_list: WordList) -> Term:
        """Return what the matcher is given."""
        return Term(
            text=self.text,
            severity=self.mark,
            off=self.off,
            on=self.on,
            exceptions=self.exceptions,
            reason=self.reason,
            list_id=self.list_id,
            category=word_list.category,
            clause=self.clause or word_list.clause,
            line=_NO_LINE,
            must_hit=self.must_hit,
            must_pass=self.must_pass,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class ExemptionEntry:
    """A phrase that lets hits go, or the end of a shipped one (`lifted`)."""

    phrase: str
    scope: Scope = field(default_factory=Scope)
    until: date | None = None
    reason: str = ""
    lifted: bool = False

    def to_item(self) -> Item:
        """Return the row that says the same."""
        if self.lifted:
            value: dict[str, Any] = {"lifted": True, "reason": self.reason}
        else:
            value = {
                "categories": sorted(one.value for one in self.scope.categories),
                "terms": sorted(self.scope.terms),
                "providers": sorted(self.scope.providers),
                "until": None if self.until is None else self.until.isoformat(),
                "reason": self.reason,
            }
        return Item(ItemKind.EXEMPTION, "", self.phrase, value)

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Read a row; KeyError or ValueError on anything that `to_item` does not write."""
        value = item.value
        if value.get("lifted"):
            return cls(item.name, reason=value["reason"], lifted=True)
        scope = Scope(
            frozenset(TermCategory(one) for one in value["categories"]),
            frozenset(value["terms"]),
            frozenset(value["providers"]),
        )
        until = None if value["until"] is None else date.fromisoformat(value["until"])
        return cls(item.name, scope, until, value["reason"])


@dataclass(frozen=True, slots=True)
class LimitEntry:
    """A number in place of the shipped one, with where it comes from."""

    name: str
    value: int
    source: str

    def to_item(self) -> Item:
        """Return the row that says the same."""
        return Item(ItemKind.LIMIT, "", self.name, {"value": self.value, "source": self.source})

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Read a row; KeyError on anything that `to_item` does not write."""
        return cls(item.name, int(item.value["value"]), item.value["source"])


@dataclass(frozen=True, slots=True)
class PackContent:
    """All that one pack says, in the order of its keys."""

    terms: tuple[TermEntry, ...] = ()
    exemptions: tuple[ExemptionEntry, ...] = ()
    limits: tuple[LimitEntry, ...] = ()

    @classmethod
    def read(cls, items: Iterable[Item]) -> Self:
        """Read all rows of a pack; KeyError, ValueError or TypeError for a row that is not one."""
        ordered = sorted(items, key=lambda item: item.key)
        return cls(
            tuple(TermEntry.from_item(one) for one in ordered if one.kind is ItemKind.TERM),
            tuple(
                ExemptionEntry.from_item(one) for one in ordered if one.kind is ItemKind.EXEMPTION
            ),
            tuple(LimitEntry.from_item(one) for one in ordered if one.kind is ItemKind.LIMIT),
        )

    @property
    def items(self) -> tuple[Item, ...]:
        """The rows of the pack."""
        entries: tuple[TermEntry | ExemptionEntry | LimitEntry, ...] = (
            *self.terms,
            *self.exemptions,
            *self.limits,
        )
        return tuple(entry.to_item() for entry in entries)

    @property
    def digest(self) -> str:
        """`sha256:` and 64 hex digits over all rows."""
        return items_digest(self.items)

    def lexicon(self, base: Lexicon) -> Lexicon:
        """Return the lists with this pack in them; WordListError for a list there is not."""
        by_id = {word_list.list_id: word_list for word_list in base.lists}
        terms: dict[tuple[str, str], Term | None] = {}
        for entry in self.terms:
            word_list = by_id.get(entry.list_id)
            # One of a strange list goes on as it is, so that it is named with all others.
            is_term = word_list is not None and not entry.removed
            terms[entry.list_id, entry.text] = (
                entry.term(word_list) if is_term and word_list else None
            )
        exemptions = tuple(
            Exemption(one.phrase, one.scope, one.until, one.reason, _NO_LINE)
            for one in self.exemptions
            if not one.lifted
        )
        lifted = frozenset(one.phrase for one in self.exemptions if one.lifted)
        return merged(base, Changes(terms, exemptions, lifted, self.digest))

    def over(self, limits: Iterable[Limit]) -> tuple[Limit, ...]:
        """Return the shipped limits with this pack's numbers in their places."""
        own = {entry.name: entry for entry in self.limits}
        return tuple(
            limit
            if limit.name not in own
            else replace(
                limit, value=own[limit.name].value, source=own[limit.name].source, house=True
            )
            for limit in limits
        )


def items_digest(items: Iterable[Item]) -> str:
    """Return the digest over rows, whatever their order."""
    rows: list[object] = [
        [item.kind.value, item.list_id, item.name, dict(item.value)]
        for item in sorted(items, key=lambda item: item.key)
    ]
    return sha256_digest(canonical_bytes(rows))
