"""The functions of the language: how long, how many listed terms, how strong the signals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.facts import Facts, Unknown
from app.domain.screening import ScreeningReport, TermCategory
from app.domain.signals import Family


@dataclass(frozen=True, slots=True)
class Counting:
    """A function of a name out of a closed set that yields a number from the screening."""

    name: str
    zh: str
    en: str
    values: tuple[str, ...]
    count: Callable[[ScreeningReport, str], int]

    def read(self, facts: Facts, of: str) -> int | Unknown:
        """Return the number, Unknown where the texts were not screened."""
        report = facts.screening
        return report if isinstance(report, Unknown) else self.count(report, of)


def _hits(report: ScreeningReport, category: str) -> int:
    return len(report.of_category(TermCategory(category)))


def _strength(report: ScreeningReport, family: str) -> int:
    return sum(signal.weight for signal in report.of_family(Family(family)))


COUNTING: Final[Mapping[str, Counting]] = {
    one.name: one
    for one in (
        Counting(
            "hits",
            "文本命中某类词库的次数",
            "how many terms of a list were found",
            tuple(one.value for one in TermCategory),
            _hits,
        ),
        Counting(
            "strength",
            "某类信号的强度之和（百分之一）",
            "sum of the weights of a family of signals, in hundredths",
            tuple(one.value for one in Family),
            _strength,
        ),
    )
}
LENGTH: Final = "length"
HAS: Final = "has"
