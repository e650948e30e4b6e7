"""Reading an edition of the source list from CSV, and what differs between two editions."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import FieldProblem, Invalid, Words
from app.packs.sources import Unit, name_key

MAX_BYTES = 8 * 1024 * 1024
_DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_STATUSES = {"": "listed", "found": "listed", "not_confirmed": "unconfirmed"}
# Rows that must never match: broken names, and units of a replaced edition.
_LEFT_OUT = frozenset({"fragment", "superseded"})


@dataclass(frozen=True, slots=True)
class ParsedEdition:
    """The units of one file, and how many rows were left out, by reason."""

    units: tuple[Unit, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit that both editions name with different facts."""

    before: Unit
    after: Unit


@dataclass(frozen=True, slots=True)
class EditionDiff:
    """What publishing an edition would change."""

    added: tuple[Unit, ...]
    removed: tuple[Unit, ...]
    changed: tuple[UnitChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two editions name the same units with the same facts."""
        return not (self.added or self.removed or self.changed)


def parse_csv(data: bytes) -> ParsedEdition:
    """Read a UTF-8 CSV with a header; `name` is required, the other columns may be absent.

    Columns: name, category, region, domain (several split by blanks or semicolons),
    entry_type, status (found, not_confirmed, fragment, superseded). Raises Invalid with one
    problem per bad line, at most twenty.
    """
    rows = _rows(data)
    units: dict[str, Unit] = {}
    left_out: dict[str, int] = {}
    problems: list[FieldProblem] = []
    for line, row in rows:
        status = (row.get("status") or "").strip()
        if status in _LEFT_OUT:
            left_out[status] = left_out.get(status, 0) + 1
            continue
        problem, unit = _unit(line, row, status)
        if problem is not None or unit is None:
            problems.extend([] if problem is None else [problem])
            continue
        key = name_key(unit.name)
        if key in units:
            left_out["repeated"] = left_out.get("repeated", 0) + 1
        units[key] = _merged(units.get(key), unit)
    if problems:
        raise Invalid(
            Words("名单文件有误，未导入任何内容", "The list has errors; nothing was imported"),
            problems=tuple(problems[:20]),
        )
    if not units:
        raise _problem("/file", "empty", "名单中没有可用的单位", "The list names no unit")
    return ParsedEdition(tuple(units.values()), left_out)


def compare(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> EditionDiff:
    """Return the difference between two editions, keyed by `name_key`, in the order of names."""
    added = [unit for key, unit in after.items() if key not in before]
    removed = [unit for key, unit in before.items() if key not in after]
    changed = [
        UnitChange(before[key], unit)
        for key, unit in after.items()
        if key in before and _facts(before[key]) != _facts(unit)
    ]
    return EditionDiff(
        tuple(sorted(added, key=lambda unit: unit.name)),
        tuple(sorted(removed, key=lambda unit: unit.name)),
        tuple(sorted(changed, key=lambda change: change.after.name)),
    )


def _facts(unit: Unit) -> tuple[object, ...]:
    return (unit.name, unit.domains, unit.category, unit.region, unit.may_match)


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(data) > MAX_BYTES:
        raise _problem("/file", "too_large", "文件超过 8 MiB", "The file is over 8 MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _problem(
            "/file", "not_utf8", "文件不是 UTF-8 编码", "The file is not UTF-8"
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise _problem(
            f"/file/{reader.line_num}", "bad_csv", "CSV 格式错误", "The CSV is malformed"
        ) from error
    if "name" not in (reader.fieldnames or ()):
        raise _problem("/file", "no_name_column", "缺少 name 列", "There is no column called name")
    return rows


def _unit(
    line: int, row: Mapping[str, str], status: str
) -> tuple[FieldProblem | None, Unit | None]:
    name = (row.get("name") or "").strip()
    if not name_key(name) or len(name) > 200:  # noqa: PLR2004 - the column's width
        return _line_problem(
            line, "name", "单位名称为空或过长", "The name is empty or too long"
        ), None
    if not "".join(str(cell) for cell in row.values()).isprintable():
        return _line_problem(
            line, "name", "含控制字符或换行", "A cell has control characters or line breaks"
        ), None
    if status not in _STATUSES:
        return _line_problem(line, "status", "未知的 status", "The status is not known"), None
    domains = tuple(part.lower() for part in re.split(r"[\s;,]+", row.get("domain") or "") if part)
    if any(_DOMAIN.fullmatch(domain) is None for domain in domains):
        return _line_problem(line, "domain", "域名格式错误", "A domain is malformed"), None
    return None, Unit(
        name=name,
        category=(row.get("category") or "").strip()[:200],
        region=(row.get("region") or "").strip()[:40],
        entry_type=(row.get("entry_type") or "unit").strip()[:20],
        domains=domains,
        status=_STATUSES[status],
    )


def _merged(held: Unit | None, unit: Unit) -> Unit:
    """Make one unit with all domains of a name in several rows (site, account, app).

    A row that the file does not vouch for adds nothing to one that it does.
    """
    if held is None:
        return unit
    if held.status != unit.status:
        return held if held.status == "listed" else unit
    first = held if held.entry_type == "unit" else unit
    domains = tuple(dict.fromkeys(held.domains + unit.domains))
    return Unit(first.name, first.category, first.region, first.entry_type, domains, held.status)


def _line_problem(line: int, column: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(
        f"/file/{line}/{column}", column, Words(f"第 {line} 行：{zh}", f"Line {line}: {en}")
    )


def _problem(pointer: str, code: str, zh: str, en: str) -> Invalid:
    return Invalid(problems=(FieldProblem(pointer, code, Words(zh, en)),))
