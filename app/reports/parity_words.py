"""The words, in both languages, for what is wrong with a file of token and group."""

from collections.abc import Sequence
from typing import Final

from app.domain.parity import RollFault
from app.errors import FieldProblem, Words

SHOWN: Final = 20
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "not_utf8": ("不是 UTF-8 文本", "not UTF-8 text"),
    "columns": ("须恰好有两列：令牌、分组", "two columns exactly: token and group"),
    "bad_token": ("令牌须为 1 到 {longest} 个可见字符", "a token has 1 to {longest} characters"),
    "bad_group": ("分组须为 1 到 {longest} 个可见字符", "a group has 1 to {longest} characters"),
    "repeated": ("令牌与第 {first} 行重复", "the token stands in line {first} already"),
    "too_many": ("最多 {most} 行", "at most {most} rows"),
    "groups": (
        "须有 2 到 {most} 个分组，文件中有 {found} 个",
        "2 to {most} groups; the file has {found}",
    ),
    "small_group": (
        "分组“{group}”只有 {size} 人；为免认出个人，每组至少 {least} 人",
        "the group “{group}” has {size} members; so that nobody is singled out, at least {least}",
    ),
}


def file_problems(faults: Sequence[RollFault]) -> tuple[FieldProblem, ...]:
    """Return the first faults, each with its line, and how many more there are."""
    found = [_problem(fault) for fault in faults[:SHOWN]]
    more = len(faults) - len(found)
    if more:
        words = Words(f"另有 {more} 行有误", f"{more} more lines are wrong")
        found.append(FieldProblem("/file", "more", words))
    return tuple(found)


def _problem(fault: RollFault) -> FieldProblem:
    zh, en = (words.format(**fault.params) for words in _WORDS[fault.code])
    if fault.line:
        zh, en = f"第 {fault.line} 行：{zh}", f"Line {fault.line}: {en}"
    return FieldProblem("/file", fault.code, Words(zh, en[0].upper() + en[1:]))
