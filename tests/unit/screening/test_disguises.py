"""Disguises that change the letters of a term are found, and ordinary writing is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.screening import Hit, ScreeningReport, Severity, Technique
from app.screening.screener import Screener
from app.screening.tables import Tables
from app.screening.views import View, Views
from tests.fixtures.screening import TODAY, lexicon_of

SCREENER = Screener.load(
    lexicon_of(
        "赌博平台;exact;;;甲",
        "裸聊;hold;;;甲",
        "代开发票;exact;+initials;;甲",
        "出售枪支;hold;homophone,shape;;甲",
        "银行流水代办;hold;;;甲",
        "看A片;hold;;;甲",
        exempt=("独播平台;category:gambling;never;甲",),
    )
)
TABLES = Tables.load()
VIEWS = Views(TABLES)


def screen(text: str) -> ScreeningReport:
    return SCREENER.screen([("/title", text)], on=TODAY)


def only_hit(text: str) -> Hit:
    (hit,) = screen(text).hits
    return hit


@pytest.mark.parametrize(
    ("text", "span", "techniques"),
    [
        ("来赌赌博博平平台台吧", (1, 8), (Technique.REPEATED,)),
        ("来赌x博y平z台吧", (1, 8), (Technique.INSERTED,)),
        ("来赌1博22平3台吧", (1, 9), (Technique.INSERTED,)),
        ("来赌丶博丶平丶台吧", (1, 8), (Technique.INSERTED,)),
        ("来dubo平台吧", (1, 7), (Technique.PINYIN,)),
        ("来 du bo ping tai 吧", (2, 16), (Technique.SEPARATOR, Technique.PINYIN)),
        ("有luo聊吗", (1, 5), (Technique.PINYIN,)),
        ("有裸liáo吗", (1, 6), (Technique.STYLE, Technique.PINYIN)),
        ("yinhang流水代办", (0, 11), (Technique.PINYIN,)),
        ("来赌博瓶台吧", (1, 5), (Technique.HOMOPHONE,)),
        ("找dkfp吗", (1, 5), (Technique.INITIALS,)),
        ("来贝者博平台吧", (1, 6), (Technique.SPLIT,)),
        ("来贝者十尃平台吧", (1, 7), (Technique.SPLIT,)),
        ("来赌愽平台吧", (1, 5), (Technique.SHAPE,)),
        ("有祼聊吗", (1, 3), (Technique.SHAPE,)),
        ("看А片", (0, 3), (Technique.LOOKALIKE,)),
    ],
)
def test_a_disguise_is_found_in_the_original_and_holds(
    text: str, span: tuple[int, int], techniques: tuple[Technique, ...]
) -> None:
    hit = only_hit(text)
    assert (hit.span, hit.techniques) == (span, techniques)
    assert hit.is_evasion
    assert hit.severity is Severity.HOLD


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("赌x博x瓶x台", {Technique.INSERTED, Technique.HOMOPHONE}),
        ("睹睹博博平平台台", {Technique.REPEATED, Technique.SHAPE}),
        ("贝者博\u200b平台", {Technique.SPLIT, Technique.HIDDEN}),
        ("代·kai·发·票", {Technique.SEPARATOR, Technique.PINYIN}),
        ("dai開發票", {Technique.TRADITIONAL, Technique.PINYIN}),
    ],
)
def test_two_techniques_at_once_are_both_named(text: str, both: set[Technique]) -> None:
    assert set(only_hit(text).techniques) == both


@pytest.mark.parametrize(
    "text",
    [
        "独播平台发布新剧",
        "他说裸了聊天",
        "罗辽是一个人名",
        "luoliaox",
        "xdkfp",
        "木仓库出售",
        "出瘦枪支",
        "代价开发票据",
        "看片子",
        "赌9博",
        "贝者乐平台",
    ],
)
def test_ordinary_writing_and_switched_off_techniques_are_no_hits(text: str) -> None:
    assert screen(text).hits == ()


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("西安行动", "先行动"),  # a border of syllables within one letter
        ("号码平台", "女子码平台"),  # parts that make up another letter of the same sound
        ("看黄片", "看9黄片"),  # one number amid a short term
        ("百人牛牛", "展出百件"),  # parts of the term that the text has as one letter
        ("看黄片", "看k黄片"),  # one letter amid a short term that is not the next one's initial
    ],
)
def test_what_only_looks_like_a_disguise_is_none(term: str, text: str) -> None:
    screener = Screener.load(lexicon_of(f"{term};hold;;;甲"))
    assert screener.screen([("/title", text)], on=TODAY).hits == ()


def test_a_term_that_another_looks_like_is_no_disguise_of_it() -> None:
    screener = Screener.load(lexicon_of("赌局;hold;;;甲", "睹局;hold;;;甲"))
    found = [(hit.term, hit.techniques) for hit in screener.every_hit("有赌局", on=TODAY)]
    assert found == [("赌局", ())]


def test_initials_are_those_of_the_term_that_asks_for_them() -> None:
    screener = Screener.load(lexicon_of("K粉货源;hold;+initials;;甲", "k粉货源;hold;;;甲"))
    assert [hit.term for hit in screener.every_hit("有kfhy", on=TODAY)] == ["K粉货源"]


def test_the_table_of_sounds_stays_bounded() -> None:
    views = Views(TABLES)
    every = "".join(map(chr, range(0x20000)))
    assert views.heard(every) == views.heard(every)


def test_a_phrase_that_sounds_like_a_term_can_be_exempted() -> None:
    report = screen("独播平台发布新剧")
    assert [(one.term, one.by) for one in report.excused] == [("赌博平台", "独播平台")]
    assert screen("毒播平台发布新剧").hits


def test_a_technique_that_is_off_by_default_needs_its_switch() -> None:
    assert screen("找dkfp").hits
    assert not screen("找yhlsdb").hits


@pytest.mark.parametrize(
    ("term", "text", "span", "techniques"),
    [
        ("脑残", "真脑c残", (1, 4), (Technique.INSERTED,)),
        ("看黄片", "来看黄p片", (1, 5), (Technique.INSERTED,)),
        ("弹药", "卖弓单yao", (1, 6), (Technique.PINYIN, Technique.SPLIT)),
        ("刷单", "刷単佣金", (0, 2), (Technique.TRADITIONAL,)),
        ("加V信", "加🇻信", (0, 3), (Technique.STYLE,)),
        ("账户", "帳戶出租", (0, 2), (Technique.TRADITIONAL,)),
        ("保安全家", "保安“全家”福", (0, 5), ()),
        ("保安全家", "保“安”“全”家福", (0, 8), (Technique.SEPARATOR,)),
    ],
)
def test_a_class_of_writing_is_folded_or_told_apart(
    term: str, text: str, span: tuple[int, int], techniques: tuple[Technique, ...]
) -> None:
    screener = Screener.load(lexicon_of(f"{term};hold;;;甲"))
    (hit,) = screener.screen([("/title", text)], on=TODAY).hits
    assert hit.span == span
    assert hit.techniques == techniques


def test_a_look_alike_is_taken_for_one_character_that_is_none_itself() -> None:
    assert not set(TABLES.shapes) & set(TABLES.shapes.values())
    assert not set(TABLES.lookalikes) & set(TABLES.lookalikes.values())


def test_the_tables_hold_single_characters_and_plain_syllables() -> None:
    assert all(len(one) == 1 for one in (*TABLES.readings, *TABLES.shapes, *TABLES.splits))
    assert all(s.isascii() and s.isalpha() for all_ in TABLES.readings.values() for s in all_)
    assert all(len(part) > 1 for parts in TABLES.splits.values() for part in parts)


PARTS = "".join(part for parts in TABLES.splits.values() for part in parts)
PLAY = st.text(st.sampled_from("".join(TABLES.shapes) + PARTS + "ab1"), max_size=12)


@given(PLAY)
def test_every_letter_of_every_view_comes_from_a_place(letters: str) -> None:
    for kinds, string in VIEWS.of(letters):
        for view in [one for one in View if kinds & one]:
            starts, ends = VIEWS.covers(letters, view)
            assert len(starts) == len(ends) == len(string)
            assert all(
                0 <= low < high <= len(letters) for low, high in zip(starts, ends, strict=True)
            )


DISGUISED = st.sampled_from(
    ["赌x博y平z台", "dubo平台", "贝者博平台", "睹膊平台", "赌博瓶台", "代kai发票", "代开发漂"]
)


@given(DISGUISED, st.data(), st.sampled_from("\u200b\u200d\ufeff\u202e\u2060\u00ad\U000e0041"))
def test_an_unseen_character_never_loses_a_disguised_term(
    text: str, data: st.DataObject, unseen: str
) -> None:
    place = data.draw(st.integers(0, len(text)))
    assert only_hit(text[:place] + unseen + text[place:]).term == only_hit(text).term


@given(st.lists(st.one_of(DISGUISED, st.text(st.characters(), max_size=3)), max_size=8))
def test_every_span_lies_in_the_original(pieces: list[str]) -> None:
    text = "".join(pieces)
    report = screen(text)
    for hit in report.hits:
        assert 0 <= hit.span[0] < hit.span[1] <= len(text)
    assert ScreeningReport.from_json(report.to_json()) == report == screen(text)
