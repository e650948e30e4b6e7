"""Which weekdays the days of a text are, where it says it of one of them: 11月11日（周三）."""

import re
from typing import Final

from app.screening.titles.reading import Reading

_ANCHOR: Final = re.compile(r"(?<!\d)(\d{1,2})日\s?\((?:周|星期)([一二三四五六日天])\)")
_WEEK: Final = "一二三四五六日"
_NEAR = 20


def weekdays(text: Reading) -> frozenset[str]:
    """Return the weekdays of a text's days by the one it names, no month further; else none."""
    found = _ANCHOR.search(text.plain)
    if found is None:
        return frozenset()
    known, weekday = int(found[1]), _WEEK.index(found[2].replace("天", "日"))
    days = [int(one.value) for one in text.moments if one.unit == "day"]
    near = [day for day in days if abs(day - known) <= _NEAR]
    return frozenset(_WEEK[(weekday + day - known) % len(_WEEK)] for day in near)
