"""What one rule pack changes against another, over the same shipped lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.domain.facts import Limit
from app.packs.content import ExemptionEntry, PackContent, TermEntry
from app.screening.lexicon import Lexicon

Key = tuple[str, str]

TERM_FIELDS = (
    "mark",
    "off",
    "on",
    "exceptions",
    "clause",
    "reason",
    "must_hit",
    "must_pass",
    "source",
)


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term in two packs; None where it does not stand in the list."""

    list_id: str
    text: str
    before: TermEntry | None
    after: TermEntry | None

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what differs in a term that both have."""
        if self.before is None or self.after is None:
            return ()
        return tuple(
            name for name in TERM_FIELDS if getattr(self.before, name) != getattr(self.after, name)
        )


@dataclass(frozen=True, slots=True)
class ExemptionChange:
    """An exemption in two packs; None where the phrase lets nothing go."""

    phrase: str
    before: ExemptionEntry | None
    after: ExemptionEntry | None


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A number in two packs."""

    name: str
    before: Limit
    after: Limit


@dataclass(frozen=True, slots=True)
class PackDiff:
    """All that one pack changes against another, in order of lists and names."""

    terms: tuple[TermChange, ...]
    exemptions: tuple[ExemptionChange, ...]
    limits: tuple[LimitChange, ...]

    @property
    def added(self) -> tuple[TermChange, ...]:
        """Terms that only the later pack has."""
        return tuple(one for one in self.terms if one.before is None)

    @property
    def removed(self) -> tuple[TermChange, ...]:
        """Terms that only the earlier pack has."""
        return tuple(one for one in self.terms if one.after is None)

    @property
    def changed(self) -> tuple[TermChange, ...]:
        """Terms that both have, and that differ."""
        return tuple(one for one in self.terms if one.before is not None and one.after is not None)

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.terms or self.exemptions or self.limits)


class Shipped:
    """The shipped lists and limits as a pack would say them."""

    def __init__(self, lexicon: Lexicon, limits: tuple[Limit, ...]) -> None:
        """Take some milliseconds for long lists."""
        self.clauses = {one.list_id: one.clause for one in lexicon.lists}
        self.terms: Mapping[Key, TermEntry] = {
            (term.list_id, term.text): TermEntry.of(term) for term in lexicon.terms
        }
        self.by_list: dict[str, list[TermEntry]] = {one.list_id: [] for one in lexicon.lists}
        for entry in self.terms.values():
            self.by_list[entry.list_id].append(entry)
        self.exemptions = {
            one.phrase: ExemptionEntry(one.phrase, one.scope, one.until, one.reason)
            for one in lexicon.exemptions
        }
        self.limits = limits

    def term(self, entry: TermEntry) -> TermEntry | None:
        """Return what an entry comes to: None where it removes the term."""
        if entry.removed:
            return None
        return replace(entry, clause=entry.clause or self.clauses.get(entry.list_id, ""))

    def says_nothing_new(self, entry: TermEntry) -> bool:
        """Tell whether an entry leaves a shipped term as it is, or removes one there is not."""
        return self.term(entry) == self.terms.get((entry.list_id, entry.text))


def difference(shipped: Shipped, before: PackContent, after: PackContent) -> PackDiff:
    """Return what `after` changes against `before`."""
    return PackDiff(
        tuple(_terms(shipped, before, after)),
        tuple(_exemptions(shipped, before, after)),
        tuple(
            LimitChange(old.name, old, new)
            for old, new in zip(
                before.over(shipped.limits), after.over(shipped.limits), strict=True
            )
            if old != new
        ),
    )


def _terms(shipped: Shipped, before: PackContent, after: PackContent) -> Iterator[TermChange]:
    old = {(one.list_id, one.text): one for one in before.terms}
    new = {(one.list_id, one.text): one for one in after.terms}
    for key in sorted(old.keys() | new.keys()):
        was = shipped.term(old[key]) if key in old else shipped.terms.get(key)
        now = shipped.term(new[key]) if key in new else shipped.terms.get(key)
        if was != now:
            yield TermChange(*key, was, now)


def _exemptions(
    shipped: Shipped, before: PackContent, after: PackContent
) -> Iterator[ExemptionChange]:
    old = {one.phrase: one for one in before.exemptions}
    new = {one.phrase: one for one in after.exemptions}

    def stands(own: Mapping[str, ExemptionEntry], phrase: str) -> ExemptionEntry | None:
        entry = own.get(phrase) or shipped.exemptions.get(phrase)
        return None if entry is None or entry.lifted else entry

    for phrase in sorted(old.keys() | new.keys()):
        was, now = stands(old, phrase), stands(new, phrase)
        if was != now:
            yield ExemptionChange(phrase, was, now)
