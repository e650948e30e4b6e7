"""Terms of one list as CSV: read strictly, each mistake with its line, and written again."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.domain.screening import Severity, Technique
from app.errors import FieldProblem, GatewayError, Invalid, Words
from app.packs.content import TermEntry
from app.packs.entries import check_entry
from app.screening.lexicon import Lexicon

MAX_BYTES: Final = 900 * 1024
"""What a form carries from the preview to the confirmation; more goes in by the command line."""
COLUMNS: Final = ("term", "mark", "off", "except", "reason", "hit", "pass", "clause", "source")
_REQUIRED: Final = frozenset({"term", "reason"})
_MOST_PROBLEMS: Final = 20


def parse_terms(
    data: bytes, list_id: str, lexicon: Lexicon, *, most: int | None = MAX_BYTES
) -> tuple[TermEntry, ...]:
    """Read a UTF-8 CSV with a header; raise Invalid with a problem for each bad line.

    Columns as in `COLUMNS`, in any order; `term` and `reason` are required, an empty `mark` is
    hold; `except`, `hit` and `pass` part their phrases by `|`, `off` its techniques by commas.
    """
    if most is not None and len(data) > most:
        raise _whole("too_large", f"文件超过 {most // 1024} KiB", f"Over {most // 1024} KiB")
    entries: dict[str, TermEntry] = {}
    problems: list[FieldProblem] = []
    for line, row in _rows(_text(data)):
        try:
            entry = _entry(list_id, row)
            check_entry(entry, lexicon)
        except ValueError as error:
            problems.append(_at(line, "value", f"取值无效：{error}", f"not a value: {error}"))
            continue
        except GatewayError as error:
            problems += [
                _at(line, one.pointer.strip("/"), one.message.zh, one.message.en)
                for one in error.problems
            ]
            continue
        if entry.text in entries:
            problems.append(_at(line, "term", "词条重复", "the term stands there twice"))
        entries[entry.text] = entry
    if problems:
        words = Words("文件有误，未保存任何内容", "The file has errors; nothing was saved")
        raise Invalid(words, problems=tuple(problems[:_MOST_PROBLEMS]))
    if not entries:
        raise _whole("empty", "文件中没有词条", "The file has no terms")
    return tuple(entries.values())


def terms_csv(entries: Iterable[TermEntry]) -> bytes:
    """Write terms so that `parse_terms` reads the same, with the mark that spreadsheets need."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        switches = [one.value for one in sorted(entry.off)] + [
            f"+{one}" for one in sorted(entry.on)
        ]
        row = (
            entry.text,
            entry.mark.value,
            ",".join(switches),
            "|".join(entry.exceptions),
            entry.reason,
            "|".join(entry.must_hit),
            "|".join(entry.must_pass),
            entry.clause,
            entry.source,
        )
        writer.writerow([_guarded(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        words = Words(
            f"第 {line} 行：不是 UTF-8 编码；请另存为“CSV UTF-8”",
            f"Line {line}: not UTF-8; save it as CSV UTF-8",
        )
        raise Invalid(problems=(FieldProblem(f"/file/{line}", "not_utf8", words),)) from error


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or not set(names) >= _REQUIRED or len(set(names)) < len(names):
        expected = ", ".join(COLUMNS)
        raise _whole(
            "bad_columns",
            f"首行须为列名：{expected}；term 与 reason 必填",
            f"The first line names columns of {expected}; term and reason are required",
        )
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise Invalid(
                problems=(_at(reader.line_num + 1, "file", "CSV 格式错误", "malformed CSV"),)
            ) from error
        if row is None:
            return
        if None in row or None in row.values():
            raise Invalid(
                problems=(
                    _at(reader.line_num, "file", "列数与首行不符", "not as many cells as columns"),
                )
            )
        yield reader.line_num, {name: _unguarded(cell).strip() for name, cell in row.items()}


def _entry(list_id: str, row: Mapping[str, str]) -> TermEntry:
    switches = _parts(row.get("off", ""), ",")
    return TermEntry(
        list_id=list_id,
        text=row["term"],
        mark=Severity(row.get("mark", "") or Severity.HOLD.value),
        off=frozenset(Technique(name) for name in switches if not name.startswith("+")),
        on=frozenset(Technique(name[1:]) for name in switches if name.startswith("+")),
        exceptions=_parts(row.get("except", ""), "|"),
        reason=row["reason"],
        must_hit=_parts(row.get("hit", ""), "|"),
        must_pass=_parts(row.get("pass", ""), "|"),
        clause=row.get("clause", ""),
        source=row.get("source", ""),
    )


def _parts(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(separator) if part.strip())


# A spreadsheet takes what begins so for a formula; an apostrophe in front makes it text.
_FORMULA: Final = ("=", "+", "-", "@")


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _at(line: int, column: str, zh: str, en: str) -> FieldProblem:
    words = Words(f"第 {line} 行：{zh}", f"Line {line}: {en}")
    return FieldProblem(f"/file/{line}/{column}", column, words)


def _whole(code: str, zh: str, en: str) -> Invalid:
    return Invalid(problems=(FieldProblem("/file", code, Words(zh, en)),))
