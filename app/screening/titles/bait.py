"""Click bait by the build of a title: what it withholds, promises, threatens and shouts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from app.screening.tables import title_builds
from app.screening.titles.reading import Change, Reading

# Who tells what must be known at once may urge to read it.
_NOTICE, _URGING = "notice", "bait_urging"


@dataclass(frozen=True, slots=True)
class _Builds:
    """The patterns with what they do and weigh, and one automaton that finds which are there."""

    each: tuple[tuple[str, int, Any], ...]
    together: re2.Set


@cache
def _builds() -> _Builds:
    rows = tuple(title_builds())
    together = re2.Set.SearchSet()
    for _, _, pattern in rows:
        together.Add(pattern)
    together.Compile()
    return _Builds(
        tuple((kind, weight, re2.compile(text)) for kind, weight, text in rows), together
    )


def baits(title: Reading) -> Iterator[Change]:
    """Yield the parts of a build that makes people click, each with how much it says so."""
    builds = _builds()
    met = [builds.each[number] for number in sorted(builds.together.Match(title.plain) or ())]
    is_notice = any(kind == _NOTICE for kind, _, _ in met)
    for kind, weight, pattern in met:
        if kind == _NOTICE or (is_notice and kind == _URGING):
            continue
        span = pattern.search(title.plain).span()
        yield Change(kind, span, weight, new=title.text[span[0] : span[1]])
