"""Offers in plain writing are noticed in every category, and what stands near them is not."""

from collections import defaultdict
from datetime import date
from pathlib import Path

from app.domain.screening import Severity
from app.domain.signals import REPORTED, Family
from app.screening.contacts import text_signals
from app.screening.screener import Screener

ENOUGH = 60
# A floor against losing what is noticed now (98 %, at least 84 %): the tables have seen these rows.
LEAST_OF_ALL, LEAST_OF_ONE = 0.96, 0.80
CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[tuple[str, str, str]]:
    lines = (CASES / f"{name}.tsv").read_text("utf-8").splitlines()[1:]
    return [(kind, title, body) for kind, title, body in (line.split("\t") for line in lines)]


def noticed(screener: Screener, title: str, body: str) -> set[str]:
    """Return the kinds of content that terms and words together speak for."""
    fields = [("/title", title), ("/body", body)]
    hits = screener.screen(fields, on=date(2026, 11, 30)).hits
    signals = [one for one in text_signals(fields, listed=bool(hits)) if one.weight >= ENOUGH]
    content = {one.kind for one in signals if one.family is Family.CONTENT}
    told = REPORTED in content
    listed = {one.category.value for one in hits if not told or one.severity is Severity.EXACT}
    return (content | listed) - {REPORTED}


def test_offers_in_plain_writing_are_noticed_in_every_category(shipped_screener: Screener) -> None:
    found: dict[str, list[bool]] = defaultdict(list)
    for kind, title, body in rows("plain"):
        found[kind].append(bool(noticed(shipped_screener, title, body)))
    all_of_them = [one for ones in found.values() for one in ones]
    assert len(found) == 14
    assert sum(all_of_them) / len(all_of_them) >= LEAST_OF_ALL
    assert {kind for kind, ones in found.items() if sum(ones) / len(ones) < LEAST_OF_ONE} == set()


def test_ordinary_texts_near_a_category_are_left_alone(shipped_screener: Screener) -> None:
    texts = [(title, body) for _, title, body in rows("ordinary")]
    assert len(texts) > 300
    assert [one for one in texts if noticed(shipped_screener, *one)] == []
