"""The fast segmenter cuts as the reference does, and touches no shared cache."""

import tempfile
from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.tokenizer import Tokenizer, dictionary_version

TERMS = ("代开发票", "办假证", "k粉货源", "荐股老师")
TEXTS = (
    "今年第三季度全市居民人均可支配收入同比增长百分之五点二",
    "气象部门提醒市民出行注意防范短时强降雨和雷电大风天气",
    "男子从中出发途经美国会大厦随后前往成人高考考点",
    "专业办假证件代开发票据荐股老师在线答疑",
    "足协宣布国家队集训名单多名年轻球员首次入选",
    "有k粉货源吗加vx_abc1",
    "a股12.5%大涨iphone15降价",
    "㐀㐁𠀀字ガガ日本",
)
MIXED = "从中出发美国会成人高考代开发票办假证k粉货源1a.%+_日ガ"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.load(TERMS)


def _reference() -> jieba.Tokenizer:
    reference = jieba.Tokenizer()
    reference.FREQ, reference.total = reference.gen_pfdict(reference.get_dict_file())
    reference.initialized = True
    frequencies = {term: reference.suggest_freq(term) for term in TERMS}
    for term, frequency in frequencies.items():
        reference.add_word(term, frequency)
    return reference


@pytest.fixture(scope="module")
def reference() -> jieba.Tokenizer:
    return _reference()


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_cut_as_jieba_cuts_it(
    tokenizer: Tokenizer, reference: jieba.Tokenizer, text: str
) -> None:
    assert [word for word, _, _ in tokenizer.words(text)] == list(reference.cut(text, HMM=False))


@given(text=st.text(st.sampled_from(MIXED), max_size=12))
def test_any_text_is_cut_as_jieba_cuts_it(
    tokenizer: Tokenizer, reference: jieba.Tokenizer, text: str
) -> None:
    assert [word for word, _, _ in tokenizer.words(text)] == list(reference.cut(text, HMM=False))


@pytest.mark.parametrize("text", [*TEXTS, "买k粉货源加vx_abc1", "a股大涨", "", "㐀㐁𠀀字"])
def test_words_joined_are_the_text_and_their_places_touch(tokenizer: Tokenizer, text: str) -> None:
    words = tokenizer.words(text)
    assert "".join(word for word, _, _ in words) == text
    assert [start for _, start, _ in words] == [0, *(end for _, _, end in words)][: len(words)]


def test_a_term_is_a_word_and_still_competes_with_its_neighbours(tokenizer: Tokenizer) -> None:
    assert ("代开发票", 1, 5) in tokenizer.words("能代开发票吗")
    assert "k粉货源" in [word for word, _, _ in tokenizer.words("有k粉货源吗")]


def test_the_shared_cache_file_is_neither_read_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trap = tmp_path / "jieba.cache"
    trap.write_bytes(b"whatever another user left here")
    assert Tokenizer.load().words("今天天气")
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]
    assert trap.read_bytes() == b"whatever another user left here"


def test_the_version_of_the_dictionary_is_known() -> None:
    assert dictionary_version().startswith("rjieba-")
