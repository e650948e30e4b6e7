"""The rows of a list as a file holds them, and how what is wrong with them is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_COMMENT, _HEADER = "##", "# "

Line = tuple[int, str]


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


def lines_of(file: str, data: bytes) -> list[Line]:
    """Return the numbered lines that say something; raise WordListError if it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = Problem(file, line, "不是有效的 UTF-8", "not valid UTF-8")
        raise WordListError((problem,)) from error
    numbered = enumerate(text.replace("\r\n", "\n").split("\n"), 1)
    return [(number, line) for number, line in numbered if line.strip() and line[:2] != _COMMENT]


def header_and_body(lines: list[Line]) -> tuple[list[tuple[int, str, str]], list[Line]]:
    """Part the lines `# key: value` at the top, as number, key and value, from the rows."""
    size = next((n for n, (_, line) in enumerate(lines) if line[:2] != _HEADER), len(lines))
    header = []
    for number, line in lines[:size]:
        key, _, value = line.removeprefix(_HEADER).partition(":")
        header.append((number, key, value.strip()))
    return header, [(number, line) for number, line in lines[size:] if line[:2] != _HEADER]


def columns_of(
    file: str,
    body: list[Line],
    required: tuple[str, ...],
    optional: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the column names: the required ones in order, then any optional, each once.

    Raise WordListError for other ones.
    """
    names = tuple(name.strip() for name in body[0][1].split("\t")) if body else ()
    further = names[len(required) :]
    is_known = set(further) <= optional and len(set(further)) == len(further)
    if names[: len(required)] == required and is_known:
        return names
    expected = "<TAB>".join(required)
    zh, en = f"列名须为 {expected}", f"columns must be {expected}"
    if optional:
        zh += f"，其后可有 {'、'.join(sorted(optional))}"
        en += f", then any of {', '.join(sorted(optional))}"
    raise WordListError((Problem(file, body[0][0] if body else 1, zh, en),))


def cells_of(
    file: str, body: list[Line], columns: Sequence[str], least: int, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each row; empty cells at the end, beyond `least`, may be left off.

    Rows with other numbers of cells are told and left out.
    """
    size = len(columns)
    for number, line in body[1:]:
        cells = line.split("\t")
        if least <= len(cells) <= size:
            yield number, cells + [""] * (size - len(cells))
        else:
            zh = f"应有 {size} 列，实有 {len(cells)} 列"
            en = f"{size} columns expected, {len(cells)} found"
            problems.append(Problem(file, number, zh, en))


def parts_of(cell: str, separator: str) -> list[str]:
    """Return the parts of a cell that holds several, without empty ones."""
    return [part.strip() for part in cell.split(separator) if part.strip()]
