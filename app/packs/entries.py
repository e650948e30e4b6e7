"""Checking what somebody wants a rule pack to say, before anything is compiled."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from app.clock import beijing_day
from app.errors import FieldProblem, Invalid, Words
from app.packs.content import ExemptionEntry, LimitEntry, TermEntry
from app.rules.limits import REQUIRED
from app.screening.lexicon import Lexicon

Entry = TermEntry | ExemptionEntry | LimitEntry

MOST_TEXT: Final = 100
MOST_REASON: Final = 500
MOST_CLAUSE: Final = 200
MOST_EXAMPLES: Final = 20
MOST_EXAMPLE: Final = 500


def check_entry(entry: Entry, lexicon: Lexicon, now: datetime | None = None) -> None:
    """Raise Invalid with every problem of an entry, each with the field that it is in.

    With `now` an exemption that has ended is refused.
    """
    if isinstance(entry, TermEntry):
        found = _term_problems(entry, lexicon)
    elif isinstance(entry, ExemptionEntry):
        found = _exemption_problems(entry, lexicon, now)
    else:
        found = _limit_problems(entry)
    if found:
        raise Invalid(problems=tuple(found))


def _term_problems(entry: TermEntry, lexicon: Lexicon) -> list[FieldProblem]:
    lists = {word_list.list_id for word_list in lexicon.lists}
    found = [*_bad_text("/text", entry.text, MOST_TEXT), *_bad_text("/reason", entry.reason)]
    if entry.list_id not in lists:
        found.append(_problem("/list", "no_such_list", "没有这个词库", "There is no such list"))
    if entry.removed:
        return found
    found += _bad_text("/clause", entry.clause, MOST_CLAUSE, required=False)
    for field, texts in (
        ("/exceptions", entry.exceptions),
        ("/must_hit", entry.must_hit),
        ("/must_pass", entry.must_pass),
    ):
        found += _bad_texts(field, texts)
    if entry.on & entry.off:
        found.append(
            _problem(
                "/techniques", "on_and_off", "同一变形不能既开又关", "A technique is on and off"
            )
        )
    return found


def _exemption_problems(
    entry: ExemptionEntry, lexicon: Lexicon, now: datetime | None
) -> list[FieldProblem]:
    found = [
        *_bad_text("/phrase", entry.phrase, 200),
        *_bad_text("/reason", entry.reason),
    ]
    shipped = {one.phrase for one in lexicon.exemptions}
    if entry.lifted and entry.phrase not in shipped:
        found.append(
            _problem(
                "/phrase", "not_shipped", "自带豁免中没有这个短语", "No shipped exemption has it"
            )
        )
    if now is not None and entry.until is not None and entry.until < beijing_day(now):
        found.append(_problem("/until", "past", "期限已过", "The last day has passed"))
    return found


def _limit_problems(entry: LimitEntry) -> list[FieldProblem]:
    found = _bad_text("/source", entry.source)
    required = next((one for one in REQUIRED if one.name == entry.name), None)
    if required is None:
        return [*found, _problem("/name", "unknown", "没有规则读取它", "No rule reads it")]
    if not required.lowest <= entry.value <= required.highest:
        span = (required.lowest, required.highest)
        found.append(
            _problem(
                "/value",
                "out_of_bounds",
                f"须在 {span[0]} 至 {span[1]} 之间",
                f"It has to be from {span[0]} to {span[1]}",
            )
        )
    return found


def _bad_texts(field: str, texts: Iterable[str]) -> list[FieldProblem]:
    given = tuple(texts)
    if len(given) > MOST_EXAMPLES:
        return [
            _problem(
                field, "too_many", f"最多 {MOST_EXAMPLES} 条", f"At most {MOST_EXAMPLES} of them"
            )
        ]
    return [one for text in given for one in _bad_text(field, text)][:1]


def _bad_text(
    field: str, text: str, most: int = MOST_REASON, *, required: bool = True
) -> list[FieldProblem]:
    if required and not text.strip():
        return [_problem(field, "missing", "不能为空", "It must not be empty")]
    if len(text) > most:
        return [_problem(field, "too_long", f"最多 {most} 个字", f"At most {most} characters")]
    if any(part in text for part in "\0\t\n\r"):
        return [
            _problem(
                field, "control", "含制表、换行或控制字符", "It has tabs, line breaks or controls"
            )
        ]
    return []


def _problem(pointer: str, code: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(pointer, code, Words(zh, en))
