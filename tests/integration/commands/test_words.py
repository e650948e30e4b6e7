"""`popgate words check` and `popgate words import`, from the file to the draft."""

from pathlib import Path

import pytest

from app.cli import main
from app.commands import words_check, words_import
from app.screening.screener import Screener
from app.settings import Settings
from tests.fixtures.packs import small_screener

GOOD = "term,reason,mark,hit,pass\n全新赌局,测试,exact,当心全新赌局,天气晴朗\n又一个词,测试,,,\n"


@pytest.fixture
def small_lists(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Let the commands find the test's database, and lists that are read at once."""
    screener = small_screener()

    def load(settings: Settings) -> Screener:
        del settings
        return screener

    monkeypatch.setenv("GATEWAY_DATABASE_URL", database_url)
    for module in (words_check, words_import):
        monkeypatch.setattr(module, "load_screener", load)


@pytest.mark.usefixtures("small_lists")
def test_terms_go_from_a_file_into_the_draft(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "terms.csv"
    file.write_text(GOOD, "utf-8")
    assert main(["words", "check", str(file), "--list", "fraud"]) == 0
    assert "2 个词条 terms, 2 条样例 examples" in capsys.readouterr().out
    wanted = ["words", "import", str(file), "--list", "fraud", "--by", "li.na"]
    assert main(wanted) == 1
    assert "li.na is not an admin" in capsys.readouterr().err
    assert main(["staff", "add", "li.na", "--role", "admin"]) == 0
    assert main(wanted) == 0
    assert "draft of rule pack 1: +2 ~0 -0" in capsys.readouterr().out
    file.write_text("term,reason\n第三个词,测试\n", "utf-8")
    assert main(wanted) == 0
    assert "draft of rule pack 1: +3 ~0 -0" in capsys.readouterr().out


@pytest.mark.usefixtures("small_lists")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("term,reason,hit\n全新赌局,测试,毫不相干\n", "全新赌局 is not found where it must be"),
        ("term,reason,pass\n全新赌局,测试,这是全新赌局\n", "is found where it must not be"),
        ("term,reason\n短,测试\n", "term too short"),
        ("term\n全新赌局\n", "term and reason are required"),
    ],
)
def test_a_bad_file_is_told_and_nothing_is_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "terms.csv"
    file.write_text(text, "utf-8")
    for command in (["check"], ["import", "--by", "li.na"]):
        name, *more = command
        assert main(["words", name, str(file), "--list", "fraud", *more]) == 1
        printed = capsys.readouterr()
        assert said in printed.out + printed.err
    assert main(["words", "check", str(tmp_path / "none.csv"), "--list", "fraud"]) == 1
    assert "cannot be read" in capsys.readouterr().err
