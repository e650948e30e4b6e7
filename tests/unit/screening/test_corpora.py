"""The corpora of disguises reach their goals, and what is no corpus is refused."""

from pathlib import Path

import pytest

from app.commands.corpora import prove_disguises, wilson
from app.errors import Invalid
from app.screening.screener import Screener
from tests.fixtures.screening import TODAY

CORPORA = Path(__file__).parents[2] / "corpora" / "evasion"
FILES = sorted(CORPORA.glob("*.tsv"))


def test_every_technique_reaches_its_goal(
    shipped_screener: Screener, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove_disguises(CORPORA, shipped_screener, TODAY) == 0
    assert "missed: -" in capsys.readouterr().out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_corpus_has_enough_different_texts(path: Path) -> None:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    assert len({text for _, text in rows}) == len(rows)
    assert sum(expect == "hit" for expect, _ in rows) >= 30
    assert sum(expect == "pass" for expect, _ in rows) >= 15


def test_a_corpus_that_finds_nothing_misses_the_goal(
    shipped_screener: Screener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"hit\t普通新闻标题第{number}条\n" for number in range(20))
    (tmp_path / "pinyin.tsv").write_text(f"expect\ttext\n{rows}", "utf-8")
    assert prove_disguises(tmp_path, shipped_screener, TODAY) == 1
    assert "missed: pinyin" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", ["text\n赌\n", "expect\ttext\nmaybe\t赌\n", "expect\ttext\nhit\n"]
)
def test_what_is_no_corpus_is_refused(
    shipped_screener: Screener, tmp_path: Path, content: str
) -> None:
    (tmp_path / "pinyin.tsv").write_text(content, "utf-8")
    with pytest.raises(Invalid):
        prove_disguises(tmp_path, shipped_screener, TODAY)


def test_a_folder_without_corpora_is_refused(shipped_screener: Screener, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        prove_disguises(tmp_path, shipped_screener, TODAY)


def test_an_interval_holds_for_none_and_for_all() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 100)[0] == 0.0
    assert wilson(100, 100)[1] == pytest.approx(1.0)
