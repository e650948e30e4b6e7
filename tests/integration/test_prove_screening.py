"""`popgate prove screening` measures the kept-aside half and skips what is not there."""

from pathlib import Path

import pytest

from app.cli import main

ORDINARY = [f"第{number}届全国青少年科技创新大赛今日开幕" for number in range(1, 400)]


def headlines(folder: Path, titles: list[str]) -> str:
    file = folder / "headlines.tsv"
    file.write_text("".join(f"society\t{title}\n" for title in titles), "utf-8")
    return str(file)


def test_ordinary_headlines_meet_the_goal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prove", "screening", "--headlines", headlines(tmp_path, ORDINARY)]) == 0
    said = capsys.readouterr().out
    assert "达标 met" in said
    assert "kept-aside half: 0 /" in said


def test_hits_above_the_goal_fail_and_are_shown_for_the_tuning_half_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [f"真人荷官在线发牌第{number}期" for number in range(40)]
    file = headlines(tmp_path, ORDINARY + bad)
    assert main(["prove", "screening", "--headlines", file, "--show"]) == 1
    said = capsys.readouterr().out
    assert "未达标 missed" in said
    shown = [line for line in said.splitlines() if "[exact, plain]" in line]
    assert 0 < len(shown) < len(bad)


def test_an_absent_file_is_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "screening", "--headlines", str(tmp_path / "absent.tsv")]) == 0
    assert "Skipped" in capsys.readouterr().out


def test_a_line_that_is_no_headline_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.tsv"
    file.write_text("society\t今日开学\nno tab here\n", "utf-8")
    assert main(["prove", "screening", "--headlines", str(file)]) == 1
    assert "line 2 is not class<TAB>title" in capsys.readouterr().err
