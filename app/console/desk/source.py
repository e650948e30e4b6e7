"""The source of a push beside its own words: what the source list knows, what was changed."""

from dataclasses import dataclass
from datetime import datetime

from app.console.desk.differences import Comparison, compare
from app.console.desk.findings import ShownFinding, marks, numbers_at
from app.console.desk.marks import Piece, pieces
from app.domain.facts import Facts, SourceFacts, Unknown
from app.domain.push import PushRequest
from app.domain.signals import Family
from app.rules.texts import Language, wording


@dataclass(frozen=True, slots=True)
class TitleChange:
    """One thing that the comparison noticed, in words; `old` or `new` is empty where there is none.

    `is_body` is whether it stands in the body of the popup.
    """

    words: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]
    is_body: bool


@dataclass(frozen=True, slots=True)
class SourceCard:
    """What the sender says of the source, and what the list says of it.

    `known` is `listed`, `alias`, `unlisted`, `unknown` (the list could not be asked) or
    `unasked` (the kind of content needs no listed source).
    """

    unit: tuple[Piece, ...]
    url: tuple[Piece, ...]
    lead: tuple[Piece, ...]
    author: tuple[Piece, ...]
    editor: tuple[Piece, ...]
    published_at: datetime | None
    known: str
    listed_unit: str
    edition: str
    domain: str
    unit_domains: tuple[str, ...]
    why_unknown: str
    titles: Comparison | None
    changes: tuple[TitleChange, ...]
    numbers: tuple[int, ...]


def source_card(
    request: PushRequest, facts: Facts, found: tuple[ShownFinding, ...], language: str
) -> SourceCard | None:
    """Return the source beside the push in a language; None where the sender names none."""
    source = request.source
    if source is None:
        return None
    listed = facts.source if isinstance(facts.source, SourceFacts) else None
    return SourceCard(
        unit=pieces(source.unit, marks(found, "/source/unit")),
        url=pieces(source.url or "", marks(found, "/source/url")),
        lead=pieces(source.lead or "", marks(found, "/source/lead")),
        author=pieces(source.author or ""),
        editor=pieces(source.editor or ""),
        published_at=source.published_at,
        known=_known(facts.source),
        listed_unit="" if listed is None else listed.unit or "",
        edition="" if listed is None else listed.edition,
        domain="" if listed is None else listed.domain.value,
        unit_domains=() if listed is None else listed.unit_domains,
        why_unknown=facts.source.unknown_reason if isinstance(facts.source, Unknown) else "",
        titles=None if not source.title else compare(source.title, request.title),
        changes=_changes(facts, language),
        numbers=numbers_at(found, "/source"),
    )


def _changes(facts: Facts, language: str) -> tuple[TitleChange, ...]:
    """Return what the comparison with the original noticed, also what is too little to hold."""
    if isinstance(facts.screening, Unknown):
        return ()
    words = wording(Language(language)).values["change"]
    return tuple(
        TitleChange(
            words[one.kind],
            pieces(str(one.params.get("old", ""))),
            pieces(str(one.params.get("new", ""))),
            one.pointer == "/body",
        )
        for one in facts.screening.of_family(Family.TITLE)
        if one.kind in words
    )


def _known(source: SourceFacts | Unknown | None) -> str:
    if source is None:
        return "unasked"
    if isinstance(source, Unknown):
        return "unknown"
    if source.unit is None:
        return "unlisted"
    return "alias" if source.by_alias else "listed"
