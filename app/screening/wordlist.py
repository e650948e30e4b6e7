"""Word lists as files hold them: terms with mark, switches, exceptions and examples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from app.domain.screening import Severity, Technique, TermCategory
from app.screening.rows import (
    Problem,
    WordListError,
    cells_of,
    columns_of,
    header_and_body,
    lines_of,
    parts_of,
)

LIST_COLUMNS = ("term", "mark", "off", "except", "reason")
# These may follow, in any order; a row may leave off its empty cells at the end.
FURTHER_COLUMNS = ("hit", "pass", "clause", "source")
_HEADER_KEYS = ("category", "title_zh", "title_en", "version", "clause", "entries")
_FURTHER_KEYS = ("source",)
_ENTRIES = ("ours", "operator")
_MARKS = {severity.value: severity for severity in Severity}
_IN_ORDER = (*LIST_COLUMNS, *FURTHER_COLUMNS)

Switches = tuple[frozenset[Technique], frozenset[Technique]]


class Term(NamedTuple):
    """One entry of a list: `off` are techniques not looked for, `exceptions` phrases let go.

    `on` are techniques looked for although the term is too short for them by default.
    `must_hit` are texts in which it must be found, `must_pass` such in which it must not.
    """

    text: str
    severity: Severity
    off: frozenset[Technique]
    on: frozenset[Technique]
    exceptions: tuple[str, ...]
    reason: str
    list_id: str
    category: TermCategory
    clause: str
    line: int
    must_hit: tuple[str, ...] = ()
    must_pass: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class WordList:
    """One file: a category, its titles, its version, the clause it serves and its terms."""

    list_id: str
    category: TermCategory
    title_zh: str
    title_en: str
    version: str
    clause: str
    terms: tuple[Term, ...]
    source: str = ""


def parse_word_list(list_id: str, data: bytes) -> WordList:
    """Read one list; raise WordListError with every problem, each with file and line.

    Depends on nothing but its arguments, so that threads may read several lists at once.
    """
    file = f"{list_id}.tsv"
    top, body = header_and_body(lines_of(file, data))
    header = _header(file, top)
    shell = WordList(
        list_id,
        _category(file, header["category"]),
        header["title_zh"],
        header["title_en"],
        header["version"],
        header["clause"],
        (),
        header.get("source", ""),
    )
    columns = columns_of(file, body, LIST_COLUMNS, frozenset(FURTHER_COLUMNS))
    problems: list[Problem] = []
    rows = cells_of(file, body, columns, len(LIST_COLUMNS), problems)
    terms = tuple(_terms(shell, _in_order(rows, columns), problems))
    if not terms and header["entries"] == "ours" and not problems:
        problems.append(Problem(file, 0, "词库没有词条", "the list has no terms"))
    if problems:
        raise WordListError(tuple(problems))
    return WordList(
        list_id,
        shell.category,
        shell.title_zh,
        shell.title_en,
        shell.version,
        shell.clause,
        terms,
        shell.source,
    )


def _header(file: str, lines: Iterable[tuple[int, str, str]]) -> dict[str, str]:
    header: dict[str, str] = {}
    problems: list[Problem] = []
    for number, key, value in lines:
        if key not in (*_HEADER_KEYS, *_FURTHER_KEYS) or key in header or not value:
            zh, en = f"文件头有误：{key!r}", f"bad or repeated header key {key!r}"
            problems.append(Problem(file, number, zh, en))
        header[key] = value
    missing = [key for key in _HEADER_KEYS if key not in header]
    if missing:
        names = ", ".join(missing)
        problems.append(Problem(file, 1, f"文件头缺少：{names}", f"header lacks {names}"))
    elif header["entries"] not in _ENTRIES:
        zh, en = "entries 须为 ours 或 operator", "entries must be ours or operator"
        problems.append(Problem(file, 1, zh, en))
    if problems:
        raise WordListError(tuple(problems))
    return header


def _category(file: str, name: str) -> TermCategory:
    try:
        return TermCategory(name)
    except ValueError as error:
        problem = Problem(file, 1, f"类别无效：{name!r}", f"unknown category {name!r}")
        raise WordListError((problem,)) from error


def _in_order(
    rows: Iterator[tuple[int, list[str]]], columns: tuple[str, ...]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with all the columns that there may be, in one order."""
    places = [columns.index(name) if name in columns else -1 for name in _IN_ORDER]
    for number, cells in rows:
        cells.append("")
        yield number, [cells[place].strip() for place in places]


def _terms(
    shell: WordList, rows: Iterator[tuple[int, list[str]]], problems: list[Problem]
) -> Iterator[Term]:
    file = f"{shell.list_id}.tsv"
    seen: dict[str, int] = {}
    for number, cells in rows:
        first = seen.setdefault(cells[0], number)
        if first != number:
            zh, en = f"与第 {first} 行重复", f"repeats line {first}"
            problems.append(Problem(file, number, zh, en))
            continue
        try:
            yield _term(shell, number, cells)
        except ValueError as error:
            problems.append(Problem(file, number, f"取值无效：{error}", str(error)))


def _term(shell: WordList, number: int, cells: list[str]) -> Term:
    text, mark, switches, exceptions, reason, hit, passing, clause, source = cells
    if mark not in _MARKS:
        raise ValueError(f"{mark!r} is not a mark")
    off, on = _switches(switches)
    return Term(
        text,
        _MARKS[mark],
        off,
        on,
        _several(exceptions),
        reason,
        shell.list_id,
        shell.category,
        clause or shell.clause,
        number,
        _several(hit),
        _several(passing),
        source or shell.source,
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(parts_of(cell, "|")) if cell else ()


@lru_cache(maxsize=1 << 8)
def _switches(cell: str) -> Switches:
    """Read `separator,+initials`: a plus in front switches on, its absence switches off."""
    names = parts_of(cell, ",")
    off = frozenset(Technique(name) for name in names if name[0] != "+")
    return off, frozenset(Technique(name[1:]) for name in names if name[0] == "+")
