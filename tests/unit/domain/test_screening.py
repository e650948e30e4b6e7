"""The screening's report as a stored fact: what it says, and that it is read back whole."""

from dataclasses import replace

import pytest

from app.domain.screening import (
    Excuse,
    Excused,
    HiddenCharacter,
    HiddenKind,
    Hit,
    ScreeningReport,
    Severity,
    Technique,
    TermCategory,
    Tier,
)
from app.domain.signals import Family, Signal, span_from
from app.domain.unread import Unread

PLAIN = Hit(
    "百家乐",
    TermCategory.GAMBLING,
    Severity.EXACT,
    "/title",
    (2, 5),
    (),
    "gambling",
    "ecosystem-06",
)
DISGUISED = replace(
    PLAIN,
    category=TermCategory.CLICK_BAIT,
    severity=Severity.HOLD,
    span=(0, 4),
    techniques=(Technique.WIDTH, Technique.SEPARATOR),
)
WIDE = replace(DISGUISED, techniques=(Technique.WIDTH, Technique.CASE, Technique.TRADITIONAL))
CLAIM = Signal(
    Family.CLAIM, "absolute", "/body", (0, 2), 80, {"word": "最好", "times": 2, "ad": True}
)
PRICE = Signal(Family.ADVERTISING, "price", "/title", (3, 3), 20)
REPORT = ScreeningReport(
    hits=(PLAIN, DISGUISED),
    hidden=(HiddenCharacter("/title", (1, 2), 0x200B, "ZERO WIDTH SPACE", HiddenKind.ZERO_WIDTH),),
    excused=(Excused("赌", TermCategory.GAMBLING, "/body", (0, 1), Excuse.EXEMPTION, "打赌"),),
    word_list_digest="sha256:00",
    engine_version="3",
    signals=(CLAIM, PRICE),
)


def test_a_report_is_read_back_as_it_was_written() -> None:
    tagged = replace(REPORT, tags=(DISGUISED,), unread=(Unread("/body", (480, 484)),))
    assert ScreeningReport.from_json(tagged.to_json()) == tagged


def test_a_report_of_before_there_were_signals_or_tags_has_none() -> None:
    stored = REPORT.to_json()
    del stored["signals"], stored["tags"], stored["unread"]
    assert ScreeningReport.from_json(stored) == replace(REPORT, signals=(), tags=())


def test_a_report_gives_its_hits_by_category_and_its_signals_by_family() -> None:
    assert TermCategory.DRUGS.tier is Tier.ILLEGAL
    assert TermCategory.CLICK_BAIT.tier is Tier.UNDESIRABLE
    assert REPORT.of_category(TermCategory.CLICK_BAIT, TermCategory.DRUGS) == (DISGUISED,)
    assert REPORT.of_family(Family.CLAIM) == (CLAIM,)
    assert REPORT.of_family(Family.TITLE) == ()


def test_only_what_nobody_writes_by_accident_is_evasion() -> None:
    assert [hit.is_evasion for hit in (PLAIN, WIDE, DISGUISED)] == [False, False, True]


@pytest.mark.parametrize(
    ("part", "field", "bad"),
    [
        (PLAIN, "severity", "perhaps"),
        (PLAIN, "techniques", ["telepathy"]),
        (REPORT.hidden[0], "kind", "invisible"),
        (REPORT.excused[0], "excuse", "mood"),
        (CLAIM, "family", "astrology"),
        (CLAIM, "span", [1]),
    ],
)
def test_what_is_not_of_the_closed_set_is_not_read(
    part: Hit | HiddenCharacter | Excused | Signal, field: str, bad: object
) -> None:
    stored = part.to_json()
    with pytest.raises(ValueError, match=r"."):
        type(part).from_json(stored | {field: bad})
    del stored[field]
    with pytest.raises(KeyError):
        type(part).from_json(stored)


def test_a_span_has_two_ends() -> None:
    assert span_from([3, 7]) == (3, 7)
    with pytest.raises(ValueError, match="unpack"):
        span_from([1, 2, 3])
