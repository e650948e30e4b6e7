"""What a reader of the queue chose: the address holds all of it, so that a link shares it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from app.console.desk.rule_names import HELD_BY_NOTHING_ELSE, RuleNames
from app.domain.decision import Topic
from app.domain.push import ContentKind
from app.review.queue_repository import QueueFilter

QUEUE: Final = "/console/queue"
AGES: Final = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
}
LONGEST_WORDS: Final = 100
_LONGEST_ID: Final = 60
_LONGEST_NUMBER: Final = 5
_KINDS: Final = frozenset(ContentKind)
_TOPICS: Final = frozenset(Topic)
NAMES: Final = ("words", "kind", "topic", "rule", "provider", "sender", "age", "claimed", "mine")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader chose; `claimed` is "", "yes" or "no", `age` a key of `AGES` or empty."""

    words: str = ""
    kind: str = ""
    topic: str = ""
    rule: str = ""
    provider: str = ""
    sender: str = ""
    age: str = ""
    claimed: str = ""
    mine: bool = False
    page: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether everything is shown."""
        return replace(self, page=1) == Filter()

    @property
    def query(self) -> str:
        """The choice as the query of an address, without a page."""
        chosen = {name: getattr(self, name) for name in NAMES} | {"mine": "1" if self.mine else ""}
        return urlencode({name: value for name, value in chosen.items() if value})

    def address(self, page: int) -> str:
        """Return the address of a page of the same choice."""
        parts = [self.query, "" if page == 1 else f"page={page}"]
        query = "&".join(part for part in parts if part)
        return f"{QUEUE}?{query}" if query else QUEUE

    def wanted(self, rules: RuleNames, now: datetime, staff_id: str) -> QueueFilter:
        """Return what the queue is asked for; what this person passed on is left out."""
        alone = self.topic == HELD_BY_NOTHING_ELSE
        asked = (self.rule,) if self.rule else rules.about(self.topic) if self.topic else None
        return QueueFilter(
            kind=self.kind or None,
            provider_id=self.provider or None,
            sender_id=self.sender or None,
            claimed={"yes": True, "no": False}.get(self.claimed),
            text=self.words,
            rules=asked,
            held_by_these_alone=alone and not self.rule,
            opened_before=now - AGES[self.age] if self.age else None,
            not_passed_by=staff_id,
        )


def read_filter(query: Mapping[str, str]) -> Filter:
    """Return the choice that an address names; what it names wrongly is not chosen."""
    given = {name: query.get(name, "").strip() for name in (*NAMES, "page")}
    return Filter(
        words=given["words"][:LONGEST_WORDS],
        kind=_one_of(_KINDS, given["kind"]),
        topic=_one_of(_TOPICS, given["topic"]),
        rule=given["rule"][:_LONGEST_ID],
        provider=given["provider"][:_LONGEST_ID],
        sender=given["sender"][:_LONGEST_ID],
        age=given["age"] if given["age"] in AGES else "",
        claimed=given["claimed"] if given["claimed"] in {"yes", "no"} else "",
        mine=given["mine"] == "1",
        page=_page_number(given["page"]),
    )


def tidy(query: str) -> str:
    """Return a query with nothing in it but a choice of the queue."""
    return read_filter(dict(parse_qsl(query))).query


def _one_of(known: frozenset[str], value: str) -> str:
    return value if value in known else ""


def _page_number(text: str) -> int:
    """Return the page asked for, the first for anything that is no number of a page."""
    good = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return max(int(text), 1) if good else 1
