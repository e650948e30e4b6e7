"""Cuts a condition into words, numbers, texts and marks."""

import re
from dataclasses import dataclass
from typing import Final

from app.rules.operator.fault import ConditionError

LONGEST: Final = 2_000
"""Code points of a condition."""

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>-?[0-9]{1,15}(?![0-9A-Za-z_]))
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<text>"(?:[^"\\\n]|\\["\\])*"|“[^“”\n]*”)
      | (?P<mark>==|!=|<=|>=|[<>()\[\],])""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a condition; `kind` is number, word, text, mark or end."""

    kind: str
    value: str
    span: tuple[int, int]


def tokens(source: str) -> list[Token]:
    """Return the pieces of a condition and an `end`; ConditionError on what is none."""
    if len(source) > LONGEST:
        raise ConditionError(
            f"条件最多 {LONGEST} 个字符", f"A condition has at most {LONGEST} characters",
            (LONGEST, len(source)),
        )  # fmt: skip
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise _unreadable(source, at)
        kind = match.lastgroup or ""
        if kind != "space":
            value = match.group()
            if kind == "text":
                value = _ESCAPED.sub(r"\1", value[1:-1]) if value[0] == '"' else value[1:-1]
            found.append(Token(kind, value, match.span()))
        at = match.end()
    found.append(Token("end", "", (len(source), len(source))))
    return found


def _unreadable(source: str, at: int) -> ConditionError:
    if source[at] in '"“':
        return ConditionError(
            "这段文字缺少收尾的引号", "This text lacks its closing quotation mark",
            (at, len(source)),
        )  # fmt: skip
    zh = f"无法识别的字符“{source[at]}”"
    return ConditionError(zh, f'"{source[at]}" is not part of the language', (at, at + 1))
