"""Judge the words of a news popup: what its title and body changed, and whether the title baits."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from rapidfuzz import fuzz, process

from app.domain.signals import Family, Signal
from app.domain.values import dataclass
from app.screening.titles.added import added_words, lost_words
from app.screening.titles.agents import made_passive
from app.screening.titles.bait import baits
from app.screening.titles.binding import (
    moved_numbers,
    other_period,
    turned_comparisons,
    turned_numbers,
)
from app.screening.titles.clauses import other_bearer, turned_clauses
from app.screening.titles.figures import changed_names, changed_numbers, changed_times, lost_country
from app.screening.titles.narrowed import (
    denied_words,
    lost_in_lead,
    other_bases,
    wholes_for_parts,
)
from app.screening.titles.negation import negations
from app.screening.titles.rates import other_rates
from app.screening.titles.reading import Change, Joined, Original, Reading, lead_of
from app.screening.titles.stance import (
    added_cause,
    dropped_attribution,
    dropped_doubts,
    exchanged_members,
    other_cause,
    reversed_poles,
    steps_up,
    widened,
)
from app.screening.titles.subject import (
    exchanged_roles,
    hidden_matter,
    missing_subject,
    other_deed,
    replaced_words,
)
from app.screening.titles.support import grave_claims, unsaid_words, unsupported
from app.screening.titles.tone import exaggerations, questions
from app.screening.titles.weighing import signs, weighed

Compare = Callable[[Reading, Original], Iterator[Change]]

_FACTS: Final[tuple[Compare, ...]] = (
    changed_numbers,
    changed_times,
    changed_names,
    negations,
    dropped_doubts,
    steps_up,
    widened,
    reversed_poles,
    exchanged_members,
    exchanged_roles,
    added_cause,
)
_OF_TITLE: Final[tuple[Compare, ...]] = (
    *_FACTS,
    lost_country,
    dropped_attribution,
    exaggerations,
    questions,
    missing_subject,
    hidden_matter,
    other_deed,
    replaced_words,
    unsupported,
    grave_claims,
    moved_numbers,
    turned_numbers,
    turned_comparisons,
    other_cause,
    turned_clauses,
    other_period,
    added_words,
    lost_words,
    unsaid_words,
    made_passive,
    other_bearer,
    wholes_for_parts,
    other_bases,
    denied_words,
    lost_in_lead,
    other_rates,
)
_SENTENCES: Final = re.compile(r"[^。！？!?；;\n]+")
_CLAIM: Final = "claim_added"
_OPEN_CLAIM: Final = "claim_unknown"
"""A claim that may well stand in the article, of which no lead was handed in."""
_SHORTEST_LEAD = 8
_CLOSE_SENTENCE = 70
_SHORTEST_SENTENCE = 6
_TAKEN_UP: Final = re.compile(
    r"(?:[^?]{2,}?\?|[^,:?]{2,}不等于[^,:?]*[,:]|(?:关于|针对|网传|被指)[“\"][^”\"]+[”\"])(?=.{4})"
)
_PUNCTUATION: Final = re.compile(r"[^\w%.?!]+")


@dataclass(frozen=True, slots=True)
class OriginalTexts:
    """Title and lead of the original as the sender hands them in, and the day it came out."""

    title: str
    lead: str
    published: date | None

    @property
    def whole(self) -> str:
        """Title and lead in one text."""
        return f"{self.title}\n{self.lead}"

    def read(self) -> Original:
        """Return the original as it is compared with."""
        day = self.published
        known = {} if day is None else {"year": day.year, "month": day.month, "day": day.day}
        title = Reading(self.title)
        return Original(
            title,
            Joined(title, lead_of(self.lead)),
            {unit: str(value) for unit, value in known.items()},
        )


def title_signals(title: str, body: str, original: OriginalTexts | None) -> tuple[Signal, ...]:
    """Return what a popup's words changed against the original, and how its title baits.

    `original` is None where there is no original title; then only the title itself is judged.
    Pure; takes some microseconds where both titles are the same, about 0.3 ms where they differ.
    """
    ours = Reading(title)
    found = [_signal("/title", change) for change in baits(ours)]
    if original is not None:
        found += [_signal("/title", change) for change in _of_title(ours, original)]
        found += _of_body(body, original)
    return tuple(found)


def _of_title(ours: Reading, texts: OriginalTexts) -> Iterator[Change]:
    """Yield what the title changed, weighed together; what only a lead could tell stands apart."""
    if ours.text == texts.title:
        return
    original = texts.read()
    if _letters(ours.plain) == _letters(original.title.plain):
        return
    found = list(_changes(ours, original))
    if len(texts.lead) < _SHORTEST_LEAD:
        claims = [one for one in found if one.kind == _CLAIM]
        yield from (replace(one, kind=_OPEN_CLAIM) for one in claims if not _is_slight(one))
        found = [one for one in found if one.kind != _CLAIM and not _is_slight(one)]
    yield from weighed(ours, original, found)


def _is_slight(change: Change) -> bool:
    """Say whether a lead that was not handed in may well have the word."""
    return change.ground.startswith(("add-", "unsaid"))


def _changes(ours: Reading, original: Original) -> Iterator[Change]:
    told = _asked(ours)
    for compare in _OF_TITLE:
        for change in compare(ours, original):
            if change.span == (0, 0) or change.span[0] >= told or change.span[1] > told:
                yield change


def _asked(ours: Reading) -> int:
    """Return where the title begins to state something, after what it asks or takes up first."""
    found = _TAKEN_UP.match(ours.plain)
    return found.end() if found is not None else 0


def title_signs(title: str, original: OriginalTexts) -> dict[str, int]:
    """Return what is noticed in a title and weighed together, for learning the weights."""
    ours, known = Reading(title), original.read()
    return signs(ours, known, _changes(ours, known))


def _of_body(body: str, texts: OriginalTexts) -> Iterator[Signal]:
    """Yield what sentences of the body changed that were otherwise taken over from the original."""
    if not body or body in texts.whole:
        return
    theirs = [one.group() for one in _SENTENCES.finditer(texts.whole)]
    original: Original | None = None
    for sentence in _SENTENCES.finditer(body):
        text = sentence.group()
        if len(text) < _SHORTEST_SENTENCE or text in texts.whole:
            continue
        like = process.extractOne(text, theirs, scorer=fuzz.ratio, score_cutoff=_CLOSE_SENTENCE)
        if like is None:
            continue
        original = original or texts.read()
        ours, known = Reading(text), replace(original, title=Reading(like[0]))
        for compare in _FACTS:
            for change in compare(ours, known):
                yield _signal("/body", change, sentence.start())


def _letters(plain: str) -> str:
    return _PUNCTUATION.sub("", plain)


def _signal(pointer: str, change: Change, offset: int = 0) -> Signal:
    start, end = change.span
    texts = {"old": change.old.strip(), "new": change.new.strip()}
    params = {name: text for name, text in texts.items() if text}
    span = (start + offset, end + offset)
    return Signal(Family.TITLE, change.kind, pointer, span, change.weight, params)
