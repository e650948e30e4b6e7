"""Findings as the desk shows them: the worst first, with clause, words, place and mark."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from app.console.desk.marks import Mark, Piece, pieces
from app.console.texts import Texts
from app.domain.decision import Decision, Finding, Verdict
from app.rules.catalogue import CATALOGUE
from app.rules.matrix import citation_json, finding_json
from app.rules.texts import Language, wording

_RULES: Final = {rule.id: rule for rule in CATALOGUE}
_IN_PICTURE: Final = re.compile(r"/images/(?P<number>[0-9]{1,3})/(?P<what>text|codes|aigc)(?:/|\Z)")
HUMAN_REVIEW: Final = "human-review"


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding in the reader's language; `number` ties it to its mark in the text.

    `clause` is instrument and clause, `plain` the clause in plain words; both are empty for a
    rule that this version does not know any more.
    """

    number: int
    rule: str
    topic: str
    verdict: Verdict
    instrument: str
    clause: str
    plain: str
    is_house: bool
    message: tuple[Piece, ...]
    fix: tuple[Piece, ...]
    pointer: str
    place: str
    span: tuple[int, int] | None
    unverifiable: str
    is_cleared: bool

    @property
    def is_open_hold(self) -> bool:
        """Whether an approval has to name it."""
        return self.verdict is Verdict.HOLD and not self.is_cleared


@dataclass(frozen=True, slots=True)
class Hold:
    """A rule that holds the push, to be cleared by name; `findings` are its numbers."""

    rule: str
    topic: str
    title: tuple[Piece, ...]
    findings: tuple[int, ...]


def shown(decision: Decision, t: Texts) -> tuple[ShownFinding, ...]:
    """Return the findings, blocks before holds before notes, human review last among holds."""
    ordered = sorted(
        decision.findings,
        key=lambda one: (-one.verdict.rank, one.cleared_by is not None, one.rule == HUMAN_REVIEW),
    )
    return tuple(_shown(number, one, t) for number, one in enumerate(ordered, 1))


def holds(findings: Iterable[ShownFinding]) -> tuple[Hold, ...]:
    """Return the rules whose holds are open, each once, in the order shown."""
    by_rule: dict[str, list[ShownFinding]] = {}
    for finding in findings:
        if finding.is_open_hold:
            by_rule.setdefault(finding.rule, []).append(finding)
    return tuple(
        Hold(rule, found[0].topic, found[0].message, tuple(one.number for one in found))
        for rule, found in by_rule.items()
    )


def marks(findings: Iterable[ShownFinding], pointer: str) -> tuple[Mark, ...]:
    """Return the marks that findings leave in the text at a pointer."""
    return tuple(
        Mark(one.number, one.span[0], one.span[1], one.verdict)
        for one in findings
        if one.pointer == pointer and one.span is not None
    )


def numbers_at(findings: Iterable[ShownFinding], *pointers: str) -> tuple[int, ...]:
    """Return the numbers of findings at one of the pointers or below it."""
    return tuple(
        one.number
        for one in findings
        if any(one.pointer == here or one.pointer.startswith(here + "/") for here in pointers)
    )


def cited_clauses(findings: Iterable[ShownFinding]) -> tuple[str, ...]:
    """Return instrument and clause of the findings, each once, the house's own last."""
    ordered = sorted(findings, key=lambda one: one.is_house)
    return tuple(dict.fromkeys(one.clause for one in ordered if one.clause))


def known_clauses() -> frozenset[str]:
    """Return every clause in the Chinese form in which rulings name one."""
    cited = [one for rule in CATALOGUE for one in (rule.citation, *rule.also)]
    return frozenset(f"{one.instrument.title_zh} {one.clause}" for one in cited)


def clause_choices(
    findings: Sequence[ShownFinding], t: Texts
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return (value, words) of the findings' clauses, and of all others.

    The value is Chinese in both languages: it goes into the ruling and to the sender.
    """
    every, words = _every_clause(t)
    first = [words[text] for text in cited_clauses(findings) if text in words]
    rest = [value for value in every if value not in first]
    return tuple((one, every[one]) for one in first), tuple((one, every[one]) for one in rest)


@cache
def _every_clause(t: Texts) -> tuple[dict[str, str], dict[str, str]]:
    """Return the words of every clause that a rule cites by its value, and the other way round."""
    cited = [one for rule in CATALOGUE for one in (rule.citation, *rule.also)]
    every = {
        f"{one.instrument.title_zh} {one.clause}": clause_text(citation_json(one), t)
        for one in cited
    }
    return every, {text: value for value, text in every.items()}


def clause_text(citation: Any, t: Texts) -> str:  # noqa: ANN401 - a JSON value
    """Return instrument and clause in the reader's language."""
    if t.language == "en":
        return f"{citation['instrument_en']} {citation['clause_en']}"
    return f"{citation['instrument']} {citation['clause']}"


def _shown(number: int, finding: Finding, t: Texts) -> ShownFinding:
    value: dict[str, Any] = finding_json(finding)
    citation = value["citation"]
    rule = _RULES.get(finding.rule)
    plain = "" if rule is None else wording(Language(t.language)).rules[finding.rule].clause
    return ShownFinding(
        number=number,
        rule=finding.rule,
        topic=finding.topic.value,
        verdict=finding.verdict,
        instrument="" if citation is None else citation["instrument_id"],
        clause="" if citation is None else clause_text(citation, t),
        plain=plain,
        is_house=citation is not None and citation["house"],
        message=pieces(t.pick(value["message"])),
        fix=pieces(t.pick(value["fix"])),
        pointer=finding.pointer,
        place=place(finding.pointer, t),
        span=finding.span,
        unverifiable=finding.unverifiable or "",
        is_cleared=finding.cleared_by is not None,
    )


def place(pointer: str, t: Texts) -> str:
    """Return what a pointer points at in words; the whole push for an empty one."""
    parts = pointer.strip("/").split("/")
    inside = _IN_PICTURE.match(pointer)
    if inside is not None:
        number = int(inside["number"]) + 1
        return t("terms.in_picture." + inside["what"], number=str(number))
    for length in range(len(parts), 0, -1):
        key = "terms.place." + ".".join(parts[:length])
        if t.has(key):
            return t(key)
        if t.has(key + ".self"):
            return t(key + ".self")
    return pointer or t("terms.place.whole")


def topic_words(rule_id: str, t: Texts) -> str:
    """Return what a rule is about in words; its id for a rule that is not known any more."""
    rule = _RULES.get(rule_id)
    return rule_id if rule is None else t(f"terms.topic.{rule.topic.value}")
