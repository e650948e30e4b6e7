"""The cases of a corpus, read strictly from its TSV, and the push that each stands for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.demo.cast import PUBLISHER, SHOP
from app.demo.wire import Body, label, presentation, push
from app.domain.decision import Topic
from app.errors import FieldProblem, Invalid, Words
from app.evaluation.measures import Goal

_EXPECTED: Final = ("hit", "pass")
_UNIT: Final = "江州日报社（演示）"
_ADDRESS: Final = "https://www.jiangzhou-daily.example/2026/c.html"
_LONGEST_TITLE: Final = 100
_LONGEST_BODY: Final = 500

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """One row: what it is called, whether it ought to be found, its group, the push it stands for.

    `key` are its texts, which decide the half it belongs to; `earlier` is what was pushed before.
    """

    key: str
    wanted: bool
    group: str
    body: Body
    earlier: Body | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a file holds: its columns, how a row becomes a push, which findings count, the goal.

    `group` is the column that a report is broken down by, empty for none.
    """

    columns: tuple[str, ...]
    group: str
    topics: frozenset[Topic]
    goal: Goal
    as_push: Callable[[Row], Body]
    as_earlier: Callable[[Row], Body] | None = None

    def cases(self, path: Path) -> Iterator[Case]:
        """Read a file; Invalid names the line that does not fit."""
        for row in read_rows(path, self.columns):
            texts = [row[name] for name in self.columns if name != "expect"]
            group = row.get(self.group, "")
            earlier = None if self.as_earlier is None else self.as_earlier(row)
            wanted = row["expect"] == "hit"
            yield Case("\t".join(texts), wanted, group, self.as_push(row), earlier)


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """Read the rows of a TSV whose first column is `expect`; Invalid on any that does not fit."""
    lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    if tuple(lines[0].split("\t")) != columns:
        names = ", ".join(columns)
        raise malformed(f"{path.name} 的列名须为 {names}", f"{path.name} needs columns {names}")
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(columns) or cells[0] not in _EXPECTED:
            raise malformed(
                f"{path.name} 第 {number} 行的列数或 expect 有误",
                f"{path.name} line {number} has a wrong number of cells or expect",
            )
        yield dict(zip(columns, cells, strict=True))


def malformed(zh: str, en: str) -> Invalid:
    """Return the refusal of a corpus or a file of headlines."""
    words = Words(zh, en)
    return Invalid(words, problems=(FieldProblem("/corpora", "malformed", words),))


def news_push(title: str, body: str, original: str, lead: str) -> Body:
    """Return a news push that is in order but for its texts."""
    source = {
        "unit": _UNIT,
        "url": _ADDRESS,
        "title": original,
        "lead": lead,
        "author": "赵禾",
        "editor": "钱谷",
    }
    return push(
        "news",
        title[:_LONGEST_TITLE],
        body[:_LONGEST_BODY],
        PUBLISHER.display_name,
        presentation=presentation(PUBLISHER.display_name),
        source=source,
        minors="excluded",
    )


def _plain(row: Row) -> Body:
    """Return what neither news nor an advertisement is."""
    return push(
        "general",
        row["title"][:_LONGEST_TITLE],
        row["body"][:_LONGEST_BODY],
        PUBLISHER.display_name,
        presentation=presentation(PUBLISHER.display_name),
        minors="excluded",
    )


def _undeclared(row: Row) -> Body:
    if row["kind"] == "news":
        return news_push(row["title"], row["body"], row["title"], row["body"])
    return _plain(row)


def _claim(row: Row) -> Body:
    advertiser: dict[str, Any] = {
        "name": SHOP.legal_name,
        "credit_code": SHOP.credit_code,
        "category": row["category"] or None,
        "evidence": row["evidence"] or None,
    }
    return push(
        "advertisement",
        row["title"][:_LONGEST_TITLE],
        row["body"][:_LONGEST_BODY],
        PUBLISHER.display_name,
        presentation=presentation(PUBLISHER.display_name, ad_label=label()),
        advertiser=advertiser,
        minors="excluded",
    )


def _retold(row: Row) -> Body:
    return news_push(row["title"], row["lead"], row["original_title"], row["lead"])


_SOUND: Final = Goal(recall=0.90, false_hits=0.03)
_CONTENT: Final = frozenset(
    {Topic.PROHIBITED_CONTENT, Topic.UNDESIRABLE_CONTENT, Topic.CLICKBAIT, Topic.MINORS}
)

DISGUISED: Final = Corpus(
    ("expect", "text"),
    "",
    _CONTENT | {Topic.CONTACT_BAIT, Topic.INDUCEMENT, Topic.UNLAWFUL_CLAIM},
    # Ordinary texts are judged over all techniques together: a single one has too few.
    Goal(recall=0.90, false_hits=None),
    lambda row: _plain({"title": row["text"], "body": row["text"]}),
)
"""A corpus of one technique of disguise: what it hides has to be found as what it is."""

CORPORA: Final[Mapping[str, Corpus]] = {
    "undeclared_advertising": Corpus(
        ("expect", "kind", "title", "body"),
        "kind",
        frozenset({Topic.UNDECLARED_ADVERTISING}),
        _SOUND,
        _undeclared,
    ),
    "unlawful_claim": Corpus(
        ("expect", "category", "evidence", "title", "body"),
        "category",
        frozenset({Topic.UNLAWFUL_CLAIM, Topic.INDUCEMENT}),
        _SOUND,
        _claim,
    ),
    "title_distortion": Corpus(
        ("expect", "title", "original_title", "lead"),
        "",
        frozenset({Topic.TITLE_DISTORTION, Topic.CLICKBAIT}),
        _SOUND,
        _retold,
    ),
    "prohibited_content": Corpus(
        ("expect", "category", "title", "body"),
        "category",
        _CONTENT,
        Goal(recall=0.95, false_hits=0.03),
        _plain,
    ),
    "rehash": Corpus(
        ("expect", "old", "new"),
        "",
        frozenset({Topic.REHASH}),
        _SOUND,
        lambda row: news_push(row["new"], row["new"], row["new"], row["new"]),
        lambda row: news_push(row["old"], row["old"], row["old"], row["old"]),
    ),
}
