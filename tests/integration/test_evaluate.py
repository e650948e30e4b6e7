"""`popgate evaluate` judges the kept-aside half of every corpus, through the whole gateway."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.cli import main
from app.evaluation.bench import bench, prepared_folder
from app.evaluation.cases import CORPORA as KINDS
from app.evaluation.measures import Goal
from app.evaluation.run import corpora_in, measure

CORPORA = Path(__file__).parents[1] / "corpora"
DISGUISES = sorted((CORPORA / "evasion").glob("*.tsv"))
ORDINARY = [f"第{number}届全国青少年科技创新大赛今日开幕" for number in range(1, 400)]
# Goals that are not met yet: what was reached on the half kept aside, which may not get worse.
REACHED = {
    "title_distortion": Goal(recall=0.89, false_hits=0.075),
    "prohibited_content": Goal(recall=0.97, false_hits=0.031),
    "rehash": Goal(recall=0.90, false_hits=0.046),
    "evasion/style": Goal(recall=0.87, false_hits=None),
}
BAD = [f"真人荷官在线发牌第{number}期" for number in range(40)]


@pytest.fixture
def evaluation() -> Iterator[Path]:
    """A folder with a migrated database, made where no event loop runs."""
    with ThreadPoolExecutor(1) as pool, contextlib.ExitStack() as stack:
        yield pool.submit(stack.enter_context, prepared_folder()).result()


def headlines(folder: Path, titles: list[str]) -> str:
    file = folder / "headlines.tsv"
    file.write_text("".join(f"society\t{title}\n" for title in titles), "utf-8")
    return str(file)


async def test_every_corpus_reaches_its_goal_or_what_it_has_reached(evaluation: Path) -> None:
    async with bench(evaluation) as one:
        measured = [
            await measure(one, name, path, lambda _: None)
            for name, path in corpora_in(CORPORA, None)
        ]
    assert len(measured) == len(DISGUISES) + len(KINDS)
    short = [
        one.name for one in measured if not REACHED.get(one.name, one.goal).is_met_by(one.kept)
    ]
    assert short == []
    # What has come to meet its goal is held to it.
    assert [one.name for one in measured if one.name in REACHED and one.is_met] == []


def test_the_command_says_what_is_missed_and_keeps_the_page(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "quality.md"
    words = ["evaluate", "--corpora", str(CORPORA), "--only", "evasion/pinyin"]
    assert main([*words, "--write", str(page)]) == 0
    assert "missed: -" in capsys.readouterr().out
    assert "evasion/pinyin" in page.read_text("utf-8")


@pytest.mark.parametrize("path", DISGUISES, ids=lambda path: path.stem)
def test_a_corpus_of_disguises_has_enough_different_texts(path: Path) -> None:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    assert len({text for _, text in rows}) == len(rows)
    assert sum(expect == "hit" for expect, _ in rows) >= 30
    assert sum(expect == "pass" for expect, _ in rows) >= 15


def test_ordinary_headlines_meet_the_goals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--headlines", headlines(tmp_path, ORDINARY)]) == 0
    said = capsys.readouterr().out
    assert "missed: -" in said
    assert said.count("达标 met") == 3


def test_hits_above_the_goal_fail_and_are_shown_for_the_tuning_half_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = headlines(tmp_path, ORDINARY + BAD)
    assert main(["evaluate", "--headlines", file, "--show"]) == 1
    said = capsys.readouterr().out
    assert "missed: headlines: prohibited or undesirable" in said
    shown = [line for line in said.splitlines() if line.strip().startswith("误 false 真人荷官")]
    assert 0 < len(shown) < len(BAD)


def test_a_corpus_that_finds_nothing_misses_its_goal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evasion").mkdir()
    rows = "".join(f"hit\t普通新闻标题第{number}条\n" for number in range(20))
    (tmp_path / "evasion" / "pinyin.tsv").write_text(f"expect\ttext\n{rows}", "utf-8")
    assert main(["evaluate", "--corpora", str(tmp_path)]) == 1
    assert "missed: evasion/pinyin" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", ["text\n赌\n", "expect\ttext\nmaybe\t赌\n", "expect\ttext\nhit\n"]
)
def test_what_is_no_corpus_is_refused(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evasion").mkdir()
    (tmp_path / "evasion" / "pinyin.tsv").write_text(content, "utf-8")
    assert main(["evaluate", "--corpora", str(tmp_path)]) == 1
    assert "pinyin.tsv" in capsys.readouterr().err


def test_an_empty_folder_and_no_folder_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--corpora", str(tmp_path)]) == 1
    assert "there are no corpora" in capsys.readouterr().err
    assert main(["evaluate"]) == 1


def test_an_absent_file_of_headlines_is_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = str(tmp_path / "absent.tsv")
    assert main(["evaluate", "--headlines", absent]) == 0
    assert "Skipped" in capsys.readouterr().out


def test_a_line_that_is_no_headline_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.tsv"
    file.write_text("society\t今日开学\nno tab here\n", "utf-8")
    assert main(["evaluate", "--headlines", str(file)]) == 1
    assert "line 2 is not class<TAB>title" in capsys.readouterr().err
