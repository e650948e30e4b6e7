"""`popgate staff add` and `popgate keys issue` on a real database."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.db.session import Database
from app.staff.factor_repository import Factor, put_factor
from app.staff.sign_in import SignedIn
from tests.fixtures.clock import ManualClock
from tests.fixtures.registers import Registers, build_registers

Ask = Callable[[Callable[[Registers], Coroutine[Any, Any, Any]]], Any]


@pytest.fixture
def ask(database_url: str, monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> Ask:
    """Run a question against the database that the commands of this test work on."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", database_url)

    async def answer(question: Callable[[Registers], Coroutine[Any, Any, Any]]) -> object:
        db = Database(database_url)
        registers = build_registers(db, clock)
        try:
            await registers.watch.refresh()
            return await question(registers)
        finally:
            await registers.register.close()
            await db.close()

    return lambda question: asyncio.run(answer(question))


def test_the_first_admin_signs_in_with_what_the_command_prints(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staff", "add", "Li.Na", "--role", "admin", "--role", "reviewer"]) == 0
    password = capsys.readouterr().out.strip()
    done = ask(lambda on: on.sign_in.sign_in("li.na", password, "192.0.2.1"))
    assert isinstance(done, SignedIn)
    assert {str(role) for role in done.session.staff.roles} == {"admin", "reviewer"}
    assert done.session.staff.must_change_password


def test_a_name_that_is_taken_is_said_in_both_languages(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    del ask
    assert main(["staff", "add", "li.na", "--role", "lead"]) == 0
    capsys.readouterr()
    assert main(["staff", "add", "li.na", "--role", "lead"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["该登录名已被使用", "This sign-in name is taken"]


def test_a_key_is_printed_alone_and_opens_the_api(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    provider_id = ask(lambda on: on.provider())
    command = ["keys", "issue", provider_id, "--name", "编辑部", "--holder", "李娜"]
    assert main(command) == 0
    first = capsys.readouterr().out.strip()
    assert main(command) == 0
    second = capsys.readouterr().out.strip()
    callers = [
        ask(lambda on: on.register.authenticate(first)),
        ask(lambda on: on.register.authenticate(second)),
    ]
    assert callers[0].sender_id == callers[1].sender_id
    assert callers[0].provider_id == provider_id
    assert main(command) == 1
    assert "revoke one first" in capsys.readouterr().err


def test_a_sender_keeps_its_holder(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    provider_id = ask(lambda on: on.provider())
    command = ["keys", "issue", provider_id, "--name", "编辑部", "--holder"]
    assert main([*command, "李娜"]) == 0
    assert main([*command, "王五"]) == 1
    assert "李娜" in capsys.readouterr().err


def test_an_unknown_provider_gets_no_key(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    del ask
    assert main(["keys", "issue", "prv_none", "--name", "a", "--holder", "b"]) == 1
    assert "No such provider" in capsys.readouterr().err


def test_a_database_without_tables_is_told_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'gateway.db'}")
    for command in (
        ["staff", "add", "li.na", "--role", "admin"],
        ["keys", "issue", "prv_x", "--name", "a", "--holder", "b"],
    ):
        assert main(command) == 1
        assert "run popgate migrate" in capsys.readouterr().err


def test_a_lost_second_factor_is_seen_and_taken_away_at_the_terminal(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staff", "list"]) == 0
    assert "Nobody yet" in capsys.readouterr().out
    added = ask(lambda on: on.person("li.na", "admin"))

    async def set_up(on: Registers) -> None:
        factor = Factor("sealed", on.clock.now(), 1)
        await on.db.write(lambda tx: put_factor(tx, added.staff_id, factor))

    ask(set_up)
    main(["staff", "list"])
    assert "second factor on" in capsys.readouterr().out
    assert main(["staff", "reset-factor", "Li.Na"]) == 0
    capsys.readouterr()
    main(["staff", "list", "--json"])
    [row] = json.loads(capsys.readouterr().out)
    assert (row["username"], row["second_factor_since"]) == ("li.na", None)
    assert main(["staff", "reset-factor", "li.na"]) == 1
    assert "has no second factor" in capsys.readouterr().err
    assert main(["staff", "reset-factor", "nobody"]) == 1
    assert "nobody has this sign-in name" in capsys.readouterr().err
