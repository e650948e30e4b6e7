"""What somebody looks for among closed tickets: the address holds all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from app.clock import beijing_day
from app.console.days import day_in, span_of
from app.domain.decision import RulingVerdict
from app.domain.push import ContentKind
from app.review.past_repository import MOST_WORDS, UNRULED, PastFilter

PAST: Final = "/console/past"
VERDICTS: Final = (*(one.value for one in RulingVerdict), UNRULED)
USUAL_DAYS: Final = 30
NAMES: Final = (
    "words", "kind", "rule", "provider", "sender", "reviewer", "verdict", "from", "to",
)  # fmt: skip
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class PastChoice:
    """What was typed, by field; days are empty or good ones, and stand in `faults` otherwise."""

    given: Mapping[str, str]
    faults: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen."""
        return not any(self.given.values())

    @property
    def query(self) -> str:
        """The choice as the query of an address."""
        return urlencode({name: self.given[name] for name in NAMES if self.given[name]})

    def value(self, name: str) -> str:
        """Return what was chosen of a field."""
        return self.given[name]

    def wanted(self, now: datetime) -> PastFilter:
        """Return what is asked for; without days the last month."""
        today = beijing_day(now)
        last = day_in(self.given["to"]) or today
        first = day_in(self.given["from"]) or last - timedelta(days=USUAL_DAYS)
        since, until = span_of(first, last)
        return PastFilter(
            since=since,
            until=until,
            words=tuple(self.given["words"].split()[:MOST_WORDS]),
            kind=self.given["kind"] or None,
            provider_id=self.given["provider"] or None,
            sender_id=self.given["sender"] or None,
            reviewer=f"staff:{self.given['reviewer']}" if self.given["reviewer"] else None,
            verdict=self.given["verdict"] or None,
            rule=self.given["rule"] or None,
        )


def read_choice(query: Mapping[str, str]) -> PastChoice:
    """Return what an address names; of closed sets, what is in none is not chosen."""
    given = {name: query.get(name, "").strip()[:_LONGEST] for name in NAMES}
    known = {"kind": frozenset(ContentKind), "verdict": frozenset(VERDICTS)}
    for name, values in known.items():
        if given[name] not in values:
            given[name] = ""
    faults = tuple(name for name in ("from", "to") if given[name] and day_in(given[name]) is None)
    first, last = day_in(given["from"]), day_in(given["to"])
    if first is not None and last is not None and first > last:
        faults = ("from",)
    return PastChoice(given, faults)


def without_faults(choice: PastChoice) -> PastChoice:
    """Return a choice whose wrong days are not chosen."""
    cleared = dict.fromkeys(choice.faults, "")
    return replace(choice, given={**choice.given, **cleared}, faults=())


def tidy(query: str) -> str:
    """Return a query with nothing in it but a good choice."""
    return without_faults(read_choice(dict(parse_qsl(query)))).query
