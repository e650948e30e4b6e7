"""The command line knows every command, answers at once, and says plainly what is wrong."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import build_parser, carry_out, main, parse
from app.commands.test import coverage_faults
from app.errors import Conflict, FieldProblem, GatewayError, Words

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "serve", "dispatch", "migrate", "demo", "rules list", "push check", "sources import",
    "staff add", "keys issue", "keys rotate", "audit verify", "replay", "prove gate", "test",
    "staff password", "staff list", "staff reset-factor", "words check", "words import",
}  # fmt: skip


def commands(parser: argparse.ArgumentParser, words: str = "") -> Iterator[tuple[str, str]]:
    """Yield the words of each command and the module that runs it."""
    groups = [action for action in parser._actions if isinstance(action.choices, dict)]  # noqa: SLF001
    for group in groups:
        children: dict[str, argparse.ArgumentParser] = dict(group.choices or {})
        for name, child in children.items():
            yield from commands(child, f"{words} {name}".strip())
    if not groups:
        yield words, parser.get_default("module")


def test_every_promised_command_is_there() -> None:
    assert {words for words, _ in commands(build_parser())} >= COMMANDS


@pytest.mark.parametrize(("words", "module"), sorted(commands(build_parser())))
def test_help_speaks_both_languages(
    words: str, module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert module
    assert " · " in said
    assert any("\u4e00" <= character <= "\u9fff" for character in said)


def test_help_loads_nothing_heavy() -> None:
    look = (
        "import sys, contextlib\nfrom app.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        "print('HEAVY', sorted({'sqlalchemy', 'fastapi', 'pydantic', 'jieba', 'httpx', 'redis',"
        " 'asyncio', 'alembic'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-S", "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.rstrip().endswith("HEAVY []")


def test_a_missing_or_unknown_command_is_misuse() -> None:
    for words in ([], ["nothing"], ["keys"], ["staff", "add", "x", "--role", "king"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2


def test_what_follows_test_is_left_to_pytest() -> None:
    words = ["tests/unit", "-k", "a or b", "-x"]
    assert parse(["test", *words]).pytest == words
    assert parse(["test"]).pytest == []


class Refusing:
    """A command that cannot do what it was asked for."""

    def __init__(self, raised: BaseException) -> None:
        self.raised = raised

    def run(self, args: argparse.Namespace) -> int:
        del args
        raise self.raised


def test_a_command_decides_the_exit_code() -> None:
    class Finding:
        def run(self, args: argparse.Namespace) -> int:
            return int(args.code)

    assert carry_out(Finding(), argparse.Namespace(code=1)) == 1


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (Conflict(Words("不行", "no")), 1, "不行\nno\n"),
        (
            GatewayError(
                Words("错", "bad"), problems=(FieldProblem("/title", "long", Words("长", "long")),)
            ),
            1,
            "错\nbad\n  /title: 长 long\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_a_refusal_is_told_in_both_languages(
    raised: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out(Refusing(raised), argparse.Namespace()) == code
    assert capsys.readouterr().err == said


def test_lacking_coverage_is_named_and_full_coverage_says_nothing() -> None:
    assert coverage_faults({"app/domain/push.py": 100.0, "app/console/x.py": 90.0}, 95.0) == []
    faults = coverage_faults({"app/rules/popup/a.py": 99.9, "app/review/states.py": 100.0}, 94.9)
    assert [("app/rules/popup/a.py" in fault, "94.9" in fault) for fault in faults] == [
        (True, False),
        (False, True),
    ]
