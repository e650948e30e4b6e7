"""What is a hit, how severe, where, how written; and what is let go."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.screening import Excuse, Hit, ScreeningReport, Severity, Technique
from app.screening.normalize import Folder
from app.screening.screener import Screener
from tests.fixtures.screening import TODAY, lexicon_of

LEXICON = lexicon_of(
    "赌博平台;exact;;;甲",
    "赌博;hold;;赌博研究|赌博危害;甲",
    "彩金;hold;separator;;甲",
    "中出;hold;;;甲",
    "国会;hold;;;甲",
    "K粉货源;exact;;;甲",
    "free chips;exact;;;甲",
    "nmsl;hold;;;甲",
    "99%的人不知道;hold;;;甲",
    "代开发票;exact;;;甲",
    "成人网站;hold;;;甲",
    exempt=(
        "赌博防治宣传;category:gambling;2026-12-31;甲",
        "彩金首饰;provider:prv_jeweller;never;甲",
        "中出口;*;never;甲",
    ),
)
SCREENER = Screener.load(LEXICON)
FOLDER = Folder.load()


def screen(text: str, on: date = TODAY, provider: str | None = None) -> ScreeningReport:
    return SCREENER.screen([("/title", text)], on=on, provider=provider)


def only_hit(text: str) -> Hit:
    (hit,) = screen(text).hits
    return hit


@pytest.mark.parametrize(
    ("text", "span", "techniques"),
    [
        ("来赌博平台吧", (1, 5), ()),
        ("來賭博平臺吧", (1, 5), ("traditional",)),
        ("有k粉货源吗", (1, 5), ("case",)),
        ("有Ｋ粉货源吗", (1, 5), ("width",)),
        ("有ｋ粉货源吗", (1, 5), ("width", "case")),
        ("有K粉货源吗", (1, 5), ()),
        ("free chips", (0, 10), ()),
        ("FREE CHIPS", (0, 10), ("case",)),
        ("99%的人不知道", (0, 8), ()),
    ],
)
def test_plain_writing_and_spelling_keep_the_mark(
    text: str, span: tuple[int, int], techniques: tuple[str, ...]
) -> None:
    hit = only_hit(text)
    assert (hit.span, hit.techniques) == (span, techniques)
    assert hit.severity is next(t.severity for t in LEXICON.terms if t.text == hit.term)


@pytest.mark.parametrize(
    ("text", "span", "techniques"),
    [
        ("来赌·博-平*台吧", (1, 8), (Technique.SEPARATOR,)),
        ("来赌 博 平 台吧", (1, 8), (Technique.SEPARATOR,)),
        ("来赌👍博👍平👍台吧", (1, 8), (Technique.SEPARATOR,)),
        ("来，赌，博，平，台，吧", (2, 9), (Technique.SEPARATOR,)),
        ("来赌，博平台吧", (1, 6), (Technique.SEPARATOR,)),
        ("来，赌，博，吧", (2, 5), (Technique.SEPARATOR,)),
        ("来赌\u200b博\u2060平台吧", (1, 7), (Technique.HIDDEN,)),
        ("来赌\ud800博平台吧", (1, 6), (Technique.HIDDEN,)),
        ("来赌\u0336博\u0336平台吧", (1, 7), (Technique.COMBINING,)),
        ("有𝐊粉货源吗", (1, 5), (Technique.STYLE,)),
        ("有Ⓚ粉货源吗", (1, 5), (Technique.STYLE,)),
        (
            "來賭.博\u200b平臺吧",
            (1, 7),
            (Technique.TRADITIONAL, Technique.HIDDEN, Technique.SEPARATOR),
        ),
    ],
)
def test_a_disguised_term_is_found_where_it_stands_and_holds(
    text: str, span: tuple[int, int], techniques: tuple[Technique, ...]
) -> None:
    hit = only_hit(text)
    assert (hit.span, hit.techniques) == (span, techniques)
    assert hit.is_evasion
    assert hit.severity is Severity.HOLD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "全市中小学今日开学",
        "他爱赌，博学多才",
        "小赌。博物馆开放",
        "赌" + "-" * 31 + "博平台",
        "prefree chips",
        "free chipset",
        "enmslx",
        "彩，金",
        "彩-金",
    ],
)
def test_what_is_not_written_there_is_no_hit(text: str) -> None:
    assert screen(text).hits == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [("从中出发去南京", "从中"), ("途中出车祸", "途中"), ("比赛中出现争议", "出现")],
)
def test_a_place_that_cuts_through_a_word_is_excused(text: str, word: str) -> None:
    report = screen(text)
    assert report.hits == ()
    (excused,) = report.excused
    assert (excused.term, excused.excuse, excused.by) == ("中出", Excuse.WORD_BORDER, word)


def test_an_exact_term_that_cuts_through_a_word_holds() -> None:
    hit = only_hit("公司可代开发票据打印系统软件")
    assert (hit.term, hit.severity, hit.techniques) == ("代开发票", Severity.HOLD, ())


def test_a_long_term_that_cuts_through_a_word_holds_too() -> None:
    hit = only_hit("请联系成人网站大全")
    assert (hit.term, hit.severity) == ("成人网站", Severity.HOLD)


def test_an_unseen_character_is_no_word_border() -> None:
    assert screen("从中出\u200b发去南京").hits == ()


def test_a_word_that_begins_with_the_term_is_about_the_same() -> None:
    assert only_hit("美国国会山").term == "国会"


def test_an_exception_of_a_term_lets_it_go_only_inside_its_phrase() -> None:
    report = screen("赌博研究与赌博")
    assert [hit.span for hit in report.hits] == [(5, 7)]
    assert [(one.span, one.excuse, one.by) for one in report.excused] == [
        ((0, 2), Excuse.EXEMPTION, "赌博研究")
    ]


def test_an_exemption_ends_after_its_last_day() -> None:
    last = date(2026, 12, 31)
    assert screen("赌博防治宣传", on=last).hits == ()
    assert len(screen("赌博防治宣传", on=last + timedelta(days=1)).hits) == 1


def test_an_exemption_may_hold_for_one_provider_only() -> None:
    assert screen("彩金首饰", provider="prv_jeweller").hits == ()
    assert len(screen("彩金首饰", provider="prv_other").hits) == 1
    assert len(screen("彩金首饰").hits) == 1


def test_a_disguised_phrase_exempts_nothing() -> None:
    assert len(screen("赌-博-防-治-宣-传").hits) == 1


def test_a_technique_switched_off_for_a_term_is_not_looked_for() -> None:
    assert screen("送彩金").hits != ()
    assert screen("送 彩 金").hits == ()


def test_a_hit_inside_a_wider_one_as_severe_is_left_out() -> None:
    assert [hit.term for hit in screen("赌博平台").hits] == ["赌博平台"]


@pytest.mark.parametrize(
    ("text", "techniques"),
    [
        ("毒品交易", None),
        ("販毒集團", None),
        ("毒\u200b品交易", ("hidden",)),
        ("毒·品", ("separator",)),
        ("dupin交易", ("pinyin",)),
        ("ＭＤＭＡ派对", ("width",)),
        ("Mdma派对", ("case",)),
        ("MDMA派对", None),
    ],
)
def test_a_word_marked_for_its_disguises_holds_in_disguise_alone(
    text: str, techniques: tuple[str, ...] | None
) -> None:
    lexicon = lexicon_of("毒品;disguised;;;甲", "贩毒;disguised;;;甲", "MDMA;disguised;;;甲")
    hits = Screener.load(lexicon).screen([("/title", text)], on=TODAY).hits
    assert [hit.techniques for hit in hits] == ([] if techniques is None else [techniques])
    assert all(hit.severity is Severity.HOLD for hit in hits)


def test_hits_stand_in_the_order_of_fields_and_text() -> None:
    report = SCREENER.screen(
        [("/title", "彩金与赌博"), ("/body", "k粉货源\u200b"), ("/images/0/alt", "赌博")], on=TODAY
    )
    assert [(hit.pointer, hit.span) for hit in report.hits] == [
        ("/title", (0, 2)),
        ("/title", (3, 5)),
        ("/body", (0, 4)),
        ("/images/0/alt", (0, 2)),
    ]
    assert [hidden.pointer for hidden in report.hidden] == ["/body"]


def test_a_report_is_the_same_after_a_way_through_json() -> None:
    report = screen("從中出發，賭博 平臺\u202e彩金，K粉货源\ud800")
    assert report.hits
    assert report.hidden
    stored = json.dumps(report.to_json())
    assert ScreeningReport.from_json(json.loads(stored)) == report
    assert report.word_list_digest == LEXICON.digest
    assert report.engine_version.startswith("screening-")


PIECES = st.one_of(
    st.sampled_from(
        [
            "赌博平台",
            "賭博",
            "彩金",
            "K粉货源",
            "free chips",
            "从中出发",
            "代开发票",
            "99%的人不知道",
        ]
    ),
    st.sampled_from(
        ["\u200b", "\u202e", "\ud800", "\u0336", "-", " ", "，", "👍", "\n", "𝐊", "Ｋ", "ﷺ"]
    ),
    st.text(st.characters(), max_size=4),
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_every_span_points_at_the_term_in_the_original(text: str) -> None:
    report = screen(text)
    for hit in report.hits:
        start, end = hit.span
        assert 0 <= start < end <= len(text)
        folded = FOLDER.fold(text[start:end])
        # An override shows the letters the other way round.
        assert any(FOLDER.fold(hit.term) in one for one in (folded, folded[::-1]))
    for excused in report.excused:
        start, end = excused.span
        assert FOLDER.fold(excused.term) in FOLDER.fold(text[start:end])
    assert ScreeningReport.from_json(report.to_json()) == report == screen(text)


@given(
    st.sampled_from(["赌博平台", "K粉货源", "代开发票"]),
    st.integers(0, 4),
    st.sampled_from("\u200b\u200d\ufeff\u202e\u2060\u00ad\u3164\U000e0041\ud800\u0336"),
)
def test_an_unseen_character_never_loses_a_hit(term: str, place: int, unseen: str) -> None:
    hit = only_hit(term[:place] + unseen + term[place:])
    assert hit.term == term
