"""Word lists as files hold them: terms with mark, switches and exceptions, read strictly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.domain.screening import Severity, Technique, TermCategory

LIST_COLUMNS = ("term", "mark", "off", "except", "reason")
EXEMPTION_COLUMNS = ("phrase", "scope", "until", "reason")
NEVER = "never"
_HEADER_KEYS = ("category", "title_zh", "title_en", "version", "clause", "entries")
_ENTRIES = ("ours", "operator")
_COMMENT, _HEADER = "##", "# "


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a list, with its place; `line` is 0 for the file as a whole."""

    file: str
    line: int
    zh: str
    en: str

    def __str__(self) -> str:
        """Return `file:line: en / zh`."""
        return f"{self.file}:{self.line}: {self.en} / {self.zh}"


class WordListError(ValueError):
    """Lists that cannot be used; screening does not start with them. Holds all problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list: `off` are techniques not looked for, `exceptions` phrases let go.

    `on` are techniques looked for although the term is too short for them by default.
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


def parse_word_list(list_id: str, data: bytes) -> WordList:
    """Read one list; raise WordListError with every problem, each with file and line."""
    file = f"{list_id}.tsv"
    problems: list[Problem] = []
    lines = _lines(file, data, problems)
    header = _header(file, lines, problems)
    category = header.get("category", "")
    if category not in set(TermCategory):
        problems.append(
            Problem(file, 1, f"类别无效：{category!r}", f"unknown category {category!r}")
        )
        raise WordListError(tuple(problems))
    shell = WordList(
        list_id,
        TermCategory(category),
        header["title_zh"],
        header["title_en"],
        header["version"],
        header["clause"],
        (),
    )
    rows = _rows(file, lines, LIST_COLUMNS, problems)
    terms = tuple(_terms(shell, file, rows, problems))
    if not terms and header["entries"] == "ours" and not problems:
        problems.append(Problem(file, 0, "词库没有词条", "the list has no terms"))
    if problems:
        raise WordListError(tuple(problems))
    return WordList(
        list_id, shell.category, shell.title_zh, shell.title_en, shell.version, shell.clause, terms
    )


def parse_exemptions(name: str, data: bytes) -> tuple[Exemption, ...]:
    """Read an exemption file; raise WordListError with every problem, each with file and line."""
    file = f"{name}.tsv"
    problems: list[Problem] = []
    lines = _lines(file, data, problems)
    exemptions: list[Exemption] = []
    for number, (phrase, scope, until, reason) in _rows(file, lines, EXEMPTION_COLUMNS, problems):
        if not phrase or not reason:
            problems.append(
                Problem(file, number, "短语和理由不能为空", "phrase and reason must not be empty")
            )
            continue
        try:
            last = None if until == NEVER else date.fromisoformat(until)
            exemptions.append(Exemption(phrase, _scope(scope), last, reason, number))
        except ValueError as error:
            problems.append(
                Problem(
                    file, number, f"范围或期限无效：{error}", f"invalid scope or until: {error}"
                )
            )
    if problems:
        raise WordListError(tuple(problems))
    return tuple(exemptions)


def _lines(file: str, data: bytes, problems: list[Problem]) -> list[tuple[int, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(Problem(file, line, "不是有效的 UTF-8", "not valid UTF-8"))
        raise WordListError(tuple(problems)) from error
    numbered = enumerate(text.replace("\r\n", "\n").split("\n"), 1)
    return [(number, line) for number, line in numbered if line.strip() and line[:2] != _COMMENT]


def _header(file: str, lines: list[tuple[int, str]], problems: list[Problem]) -> dict[str, str]:
    header: dict[str, str] = {}
    for number, line in lines:
        if not line.startswith(_HEADER):
            break
        key, _, value = line.removeprefix(_HEADER).partition(":")
        if key not in _HEADER_KEYS or key in header or not value.strip():
            problems.append(
                Problem(file, number, f"文件头有误：{key!r}", f"bad or repeated header key {key!r}")
            )
        header[key] = value.strip()
    missing = [key for key in _HEADER_KEYS if key not in header]
    if missing:
        names = ", ".join(missing)
        problems.append(Problem(file, 1, f"文件头缺少：{names}", f"header lacks {names}"))
    elif header["entries"] not in _ENTRIES:
        problems.append(
            Problem(file, 1, "entries 须为 ours 或 operator", "entries must be ours or operator")
        )
    if problems:
        raise WordListError(tuple(problems))
    return header


def _rows(
    file: str, lines: list[tuple[int, str]], columns: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    body = [(number, line) for number, line in lines if not line.startswith(_HEADER)]
    if not body or tuple(body[0][1].split("\t")) != columns:
        expected = "<TAB>".join(columns)
        problems.append(
            Problem(
                file,
                body[0][0] if body else 1,
                f"列名须为 {expected}",
                f"columns must be {expected}",
            )
        )
        return
    for number, line in body[1:]:
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) == len(columns):
            yield number, cells
        else:
            problems.append(
                Problem(
                    file,
                    number,
                    f"应有 {len(columns)} 列，实有 {len(cells)} 列",
                    f"{len(columns)} columns expected, {len(cells)} found",
                )
            )


def _terms(
    shell: WordList, file: str, rows: Iterator[tuple[int, list[str]]], problems: list[Problem]
) -> Iterator[Term]:
    seen: dict[str, int] = {}
    for number, (text, mark, off, exceptions, reason) in rows:
        if text in seen:
            problems.append(
                Problem(file, number, f"与第 {seen[text]} 行重复", f"repeats line {seen[text]}")
            )
            continue
        seen[text] = number
        try:
            yield Term(
                text=text,
                severity=Severity(mark),
                off=_switches(off, on=False),
                on=_switches(off, on=True),
                exceptions=tuple(_list(exceptions, "|")),
                reason=reason,
                list_id=shell.list_id,
                category=shell.category,
                clause=shell.clause,
                line=number,
            )
        except ValueError as error:
            problems.append(Problem(file, number, f"取值无效：{error}", str(error)))


def _switches(cell: str, *, on: bool) -> frozenset[Technique]:
    """Read `separator,+initials`: a plus in front switches on, its absence switches off."""
    names = [name for name in _list(cell, ",") if name.startswith("+") is on]
    return frozenset(Technique(name.removeprefix("+")) for name in names)


def _list(cell: str, separator: str) -> list[str]:
    return [part.strip() for part in cell.split(separator) if part.strip()]


def _scope(cell: str) -> Scope:
    """Read `*` or parts like `category:gambling`, `term:成人`, `provider:prv_…`, by comma."""
    if cell == "*":
        return Scope()
    parts: dict[str, set[str]] = {"category": set(), "term": set(), "provider": set()}
    for part in _list(cell, ","):
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
