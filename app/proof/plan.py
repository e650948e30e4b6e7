"""What a proof run puts in: how much of everything, the headlines and the source list."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from app.demo.cast import PUBLISHER, SOURCE_LIST
from app.demo.news import NEWS
from app.demo.wire import Body, presentation, push
from app.packs.importing import parse_csv

_LONGEST_TITLE: Final = 100
_NO_DOMAIN: Final = "original.example"
_UNCONFIRMED: Final = ("求是杂志社", "光明日报社")
"""Units that the small run's list does not vouch for, so that confirming is part of it."""


class Load(Protocol):
    """What is driven through a gateway, whatever is proven by it."""

    @property
    def pushes(self) -> int:
        """How many pushes are submitted."""
        ...

    @property
    def rulings(self) -> int:
        """How many of them reviewers rule on."""
        ...

    def tokens(self) -> list[str]:
        """Return the recipients that every push is addressed to."""
        ...

    def body(self, number: int, surface_id: str, tokens: Sequence[str], now: datetime) -> Body:
        """Return one of the pushes as it is submitted."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A unit of the list, with one of its domains; a stand-in where the list names none."""

    unit: str
    domain: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything, and what of; `cap` is how many a recipient may get a day."""

    pushes: int
    rulings: int
    recipients: int
    cap: int
    headlines: tuple[str, ...]
    source_list: bytes
    sources: tuple[Source, ...]

    def tokens(self) -> list[str]:
        """Return the recipients that every push is addressed to."""
        return [f"r_{number:05d}" for number in range(self.recipients)]

    def body(self, number: int, surface_id: str, tokens: Sequence[str], now: datetime) -> Body:
        """Return the news push over a headline, quoted from a unit of the list."""
        title = self.headlines[number % len(self.headlines)]
        source = self.sources[number % len(self.sources)]
        return push(
            "news",
            title,
            f"{title}。点开查看全文。",
            PUBLISHER.display_name,
            external_id=f"proof-{number}",
            surface=surface_id,
            presentation=presentation(PUBLISHER.display_name),
            source={
                "unit": source.unit,
                "url": f"https://{source.domain}/{number}",
                "title": title,
                "author": "本报记者",
                "editor": "值班编辑",
                "published_at": (now - timedelta(hours=2)).isoformat(),
            },
            audience={"kind": "recipients", "recipients": list(tokens)},
            expires_at=(now + timedelta(hours=48)).isoformat(),
        )


def full_plan(headlines: Path, sources: Path) -> Plan:
    """Return the full run: a thousand headlines over a thousand recipients, two hundred rulings."""
    return _plan(1000, 200, 1000, read_headlines(headlines), sources.read_bytes())


def small_plan() -> Plan:
    """Return a small run on headlines and a source list of our own."""
    titles = [f"{one.body['title']}（{number}）" for number in range(1, 5) for one in NEWS]
    lines = [
        line.removesuffix("found") + "not_confirmed" if line.startswith(_UNCONFIRMED) else line
        for line in SOURCE_LIST.splitlines()
    ]
    return _plan(40, 16, 30, titles, "\n".join(lines).encode())


def read_headlines(file: Path) -> list[str]:
    """Return the titles of a `class<TAB>title` file, classes by turns, none too long for a push."""
    rows = csv.reader(io.StringIO(file.read_text("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    by_class: dict[str, list[str]] = {}
    for row in rows:
        if row and 0 < len(row[-1].strip()) <= _LONGEST_TITLE:
            by_class.setdefault(row[0], []).append(row[-1].strip())
    most = max((len(titles) for titles in by_class.values()), default=0)
    return [
        titles[index]
        for index in range(most)
        for titles in by_class.values()
        if index < len(titles)
    ]


def _plan(
    pushes: int, rulings: int, recipients: int, headlines: Sequence[str], source_list: bytes
) -> Plan:
    units = [
        Source(unit.name, next(iter(unit.domains), _NO_DOMAIN))
        for unit in parse_csv(source_list).units
    ]
    return Plan(pushes, rulings, recipients, 5, tuple(headlines), source_list, tuple(units))
