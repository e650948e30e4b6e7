"""`popgate parity`, from the file to the ledger: who may ask, what is refused, what is said."""

import asyncio
from pathlib import Path

import pytest

from app.cli import main
from tests.fixtures.gate import Gate

ROLL = "".join(f"r_{at},{'ab'[at % 2]}\n" for at in range(60))


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> list[str]:
    """The command with a good file, for a database of the test's own."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", database_url)
    file = tmp_path / "roll.csv"
    file.write_text(ROLL, "utf-8")
    days = ["--from", "2026-11-01", "--to", "2026-11-20"]
    return ["parity", str(file), "--surface", "srf_x", *days, "--by", "li.na"]


def test_who_asks_and_what_is_asked_has_to_be_there(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked) == 1
    assert "li.na is no admin or auditor" in capsys.readouterr().err
    assert main(["staff", "add", "li.na", "--role", "reviewer"]) == 0
    assert main(asked) == 1
    assert main(["staff", "add", "wang.wei", "--role", "auditor"]) == 0
    asked[-1] = "Wang.Wei"
    assert main(asked) == 1
    assert "there is no such surface" in capsys.readouterr().err
    asked[5] = "yesterday"
    assert main(asked) == 1
    assert "a date, such as 2026-11-01" in capsys.readouterr().err
    asked[5], asked[1] = "2026-11-01", str(tmp_path / "none.csv")
    assert main(asked) == 1
    assert "the file cannot be read" in capsys.readouterr().err


async def test_what_it_finds_is_printed(
    asked: list[str], gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> int:
        assert main(["staff", "add", "wang.wei", "--role", "auditor"]) == 0
        asked[3], asked[-1] = gate.surface_id, "wang.wei"
        return main(asked)

    assert await asyncio.to_thread(run) == 0
    said = capsys.readouterr().out
    assert "a 30 人 people · b 30 人 people" in said
    assert "次数太少，无法判断 · too few to tell" in said
