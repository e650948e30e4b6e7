"""Word lists are read strictly: every mistake is named with file and line."""

from datetime import date
from pathlib import Path

import pytest

from app.domain.screening import Severity, Technique, TermCategory
from app.screening.exemptions import parse_exemptions
from app.screening.lexicon import Lexicon
from app.screening.normalize import Folder
from app.screening.patterns import PatternSet
from app.screening.rows import WordListError
from app.screening.tables import Tables
from app.screening.views import Views
from app.screening.wordlist import FURTHER_COLUMNS, parse_word_list
from app.shipped import shipped_folder
from tests.fixtures.screening import exempt_bytes, lexicon_of, list_bytes

ALL = {category.value: list_bytes(category.value) for category in TermCategory}


def test_a_list_gives_its_terms_with_mark_switches_and_exceptions() -> None:
    word_list = parse_word_list(
        "gambling",
        list_bytes(
            "gambling", "开赌;exact;separator,case;;理由", "赌局;hold;;赌局研究|赌局谬误;乙"
        ),
    )
    first, second = word_list.terms
    assert (first.text, first.severity, first.line) == ("开赌", Severity.EXACT, 8)
    assert first.off == {Technique.SEPARATOR, Technique.CASE}
    assert second.exceptions == ("赌局研究", "赌局谬误")
    assert second.category is TermCategory.GAMBLING


def test_a_term_may_bring_examples_and_a_clause_and_source_of_its_own() -> None:
    data = list_bytes(
        "gambling",
        "开赌;hold;;;甲;判例;开赌了|又开赌;新开赌具展;第二条",
        "赌局;hold;;;甲;;有赌局吗",
        "赌场;hold;;;甲",
        further="source;hit;pass;clause",
    )
    data = data.replace(b"# clause", "# source: 通报\n# clause".encode())
    first, second, third = parse_word_list("gambling", data).terms
    assert (first.must_hit, first.must_pass) == (("开赌了", "又开赌"), ("新开赌具展",))
    assert (first.clause, first.source) == ("第二条", "判例")
    assert (second.must_hit, second.must_pass) == (("有赌局吗",), ())
    assert (second.clause, second.source) == ("第一条", "通报")
    assert (third.must_hit, third.source, third.line) == ((), "通报", 11)


def test_the_document_of_the_format_names_every_column() -> None:
    document = (shipped_folder("wordlists") / "README.md").read_text("utf-8")
    assert all(f"`{column}`" in document for column in FURTHER_COLUMNS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (list_bytes("gambling", "开赌;maybe;;;"), "gambling.tsv:8"),
        (list_bytes("gambling", "开赌;hold;magic;;"), "gambling.tsv:8"),
        (list_bytes("gambling", "开赌;hold;;;", "开赌;exact;;;"), "gambling.tsv:9: repeats line 8"),
        (list_bytes("gambling", "开赌;hold"), "gambling.tsv:8: 5 columns expected, 2 found"),
        (list_bytes("gambling", "开赌;hold;;;甲;a;b", further="hit"), "6 columns expected"),
        (list_bytes("gambling", further="hit;hit"), "then any of clause, hit, pass, source"),
        (list_bytes("gambling", further="hits"), "then any of clause, hit, pass, source"),
        (list_bytes("gambling").replace(b"# version: 1", b"# version:"), "bad or repeated header"),
        (list_bytes("gambling", entries="ours"), "the list has no terms"),
        (list_bytes("gambling", entries="theirs"), "entries must be ours or operator"),
        (list_bytes("sorcery"), "unknown category 'sorcery'"),
        (list_bytes("gambling").replace(b"# clause", b"# clauses"), "header lacks clause"),
        (list_bytes("gambling").replace(b"term\tmark", b"mark\tterm"), "columns must be"),
        (
            list_bytes("gambling", "开赌;hold;;;")[:-4] + b"\xff\n",
            "gambling.tsv:8: not valid UTF-8",
        ),
        (b"", "header lacks"),
    ],
)
def test_a_faulty_list_is_refused_with_file_and_line(data: bytes, said: str) -> None:
    with pytest.raises(WordListError) as caught:
        parse_word_list("gambling", data)
    assert said in str(caught.value)
    assert all(problem.zh and problem.en for problem in caught.value.problems)


def test_all_problems_of_all_files_are_told_at_once() -> None:
    files = {**ALL, "gambling": list_bytes("gambling", "开赌;x;;;", "赌局;y;;;"), "drugs": b"\xff"}
    with pytest.raises(WordListError) as caught:
        Lexicon.parse(files)
    assert {(one.file, one.line) for one in caught.value.problems} == {
        ("gambling.tsv", 8),
        ("gambling.tsv", 9),
        ("drugs.tsv", 1),
    }


@pytest.mark.parametrize("missing", list(TermCategory))
def test_a_category_without_a_list_is_refused(missing: TermCategory) -> None:
    with pytest.raises(WordListError, match=missing.value):
        Lexicon.parse({name: data for name, data in ALL.items() if name != missing.value})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("赌;hold;;;", "term too short"),
        ("-赌局;hold;;;", "outer or unseen marks"),
        ("赌\u200b局;hold;;;", "outer or unseen marks"),
        ("赌局;hold;;牌局研究;", "exception lacks the term"),
    ],
)
def test_a_term_that_could_never_be_met_is_refused(row: str, said: str) -> None:
    with pytest.raises(WordListError) as caught:
        PatternSet.compile(lexicon_of(row), Folder.load(), Views(Tables.load()))
    assert said in str(caught.value)
    assert "gambling.tsv:8" in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        "从中出发;nowhere:x;never;甲",
        "从中出发;category:sorcery;never;甲",
        "从中出发;*;soon;甲",
        "从中出发;;never;甲",
        ";*;never;甲",
        "从中出发;*;never;",
    ],
)
def test_a_faulty_exemption_is_refused_with_its_line(row: str) -> None:
    with pytest.raises(WordListError, match=r"exempt\.tsv:2"):
        parse_exemptions("exempt", exempt_bytes(row))


def test_an_exemption_file_needs_its_columns() -> None:
    with pytest.raises(WordListError, match=r"exempt\.tsv:1: columns must be phrase<TAB>scope"):
        parse_exemptions("exempt", b"phrase\tscope\n")


def test_an_exempt_phrase_that_could_never_be_met_is_refused() -> None:
    lexicon = lexicon_of(exempt=("出;*;never;甲",))
    with pytest.raises(WordListError, match="exempt phrase too short"):
        PatternSet.compile(lexicon, Folder.load(), Views(Tables.load()))


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "gambling.tsv").mkdir()
    with pytest.raises(WordListError, match="unreadable"):
        Lexicon.load([tmp_path])


def test_an_exemption_has_scope_and_last_day() -> None:
    (exemption,) = parse_exemptions(
        "exempt", exempt_bytes("从中出发;term:中出,provider:prv_1;2026-12-31;甲")
    )
    assert exemption.until == date(2026, 12, 31)
    assert exemption.scope.terms == {"中出"}
    assert exemption.scope.providers == {"prv_1"}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WordListError, match="no word lists in this folder"):
        Lexicon.load([shipped_folder("wordlists"), tmp_path / "absent"])


def test_an_operator_adds_lists_but_replaces_none(tmp_path: Path) -> None:
    shipped = shipped_folder("wordlists")
    own = tmp_path / "own-political.tsv"
    own.write_bytes(list_bytes("political", "某个词条;hold;;;自备"))
    with_own = Lexicon.load([shipped, tmp_path])
    assert "某个词条" in {term.text for term in with_own.terms}
    assert with_own.digest != Lexicon.load([shipped]).digest
    own.rename(tmp_path / "gambling.tsv")
    with pytest.raises(WordListError, match="a list of this name exists"):
        Lexicon.load([shipped, tmp_path])


def test_the_digest_is_that_of_names_and_bytes() -> None:
    first = Lexicon.parse(ALL)
    assert first.digest == Lexicon.parse(dict(reversed(ALL.items()))).digest
    assert first.digest != Lexicon.parse({**ALL, "more": list_bytes("fraud")}).digest
    assert first.digest.startswith("sha256:")


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    data = list_bytes("gambling", "开赌;hold;;;甲").replace(b"\n", b"\r\n")
    assert parse_word_list("gambling", b"\xef\xbb\xbf" + data).terms[0].reason == "甲"
