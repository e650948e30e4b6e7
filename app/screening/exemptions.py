"""Exemptions as files hold them: phrases with a scope and a last day, read strictly."""

from dataclasses import dataclass
from datetime import date

from app.domain.screening import TermCategory
from app.screening.rows import (
    Problem,
    WordListError,
    cells_of,
    columns_of,
    header_and_body,
    lines_of,
    parts_of,
)
from app.screening.wordlist import Term

EXEMPTION_COLUMNS = ("phrase", "scope", "until", "reason")
NEVER = "never"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an exemption holds; an empty part limits nothing."""

    categories: frozenset[TermCategory] = frozenset()
    terms: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exemption:
    """A phrase inside which a hit is let go, in its scope and up to and including a day."""

    phrase: str
    scope: Scope
    until: date | None
    reason: str
    line: int

    def holds(self, on: date, provider: str | None, term: Term) -> bool:
        """Say whether the exemption covers this term for this provider on this day."""
        scope = self.scope
        return (
            (self.until is None or on <= self.until)
            and (not scope.categories or term.category in scope.categories)
            and (not scope.terms or term.text in scope.terms)
            and (not scope.providers or provider in scope.providers)
        )


def parse_exemptions(name: str, data: bytes) -> tuple[Exemption, ...]:
    """Read an exemption file; raise WordListError with every problem, each with file and line."""
    file = f"{name}.tsv"
    _, body = header_and_body(lines_of(file, data))
    columns = columns_of(file, body, EXEMPTION_COLUMNS)
    problems: list[Problem] = []
    exemptions: list[Exemption] = []
    for number, cells in cells_of(file, body, columns, len(columns), problems):
        phrase, scope, until, reason = map(str.strip, cells)
        if not phrase or not reason:
            zh, en = "短语和理由不能为空", "phrase and reason must not be empty"
            problems.append(Problem(file, number, zh, en))
            continue
        try:
            last = None if until == NEVER else date.fromisoformat(until)
            exemptions.append(Exemption(phrase, _scope(scope), last, reason, number))
        except ValueError as error:
            zh, en = f"范围或期限无效：{error}", f"invalid scope or until: {error}"
            problems.append(Problem(file, number, zh, en))
    if problems:
        raise WordListError(tuple(problems))
    return tuple(exemptions)


def _scope(cell: str) -> Scope:
    """Read `*` or parts like `category:gambling`, `term:成人`, `provider:prv_…`, by comma."""
    if cell == "*":
        return Scope()
    parts: dict[str, set[str]] = {"category": set(), "term": set(), "provider": set()}
    for part in parts_of(cell, ","):
        key, _, value = part.partition(":")
        if key not in parts or not value:
            raise ValueError(part)
        parts[key].add(value)
    if not any(parts.values()):
        raise ValueError(cell)
    return Scope(
        frozenset(TermCategory(value) for value in parts["category"]),
        frozenset(parts["term"]),
        frozenset(parts["provider"]),
    )
