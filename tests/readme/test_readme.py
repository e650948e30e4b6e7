"""The README says what is true: its commands run, its settings exist, its twin keeps in step."""

import argparse
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

from app.cli import build_parser
from app.settings import Settings
from tests.fixtures.processes import ROOT, Starter
from tests.fixtures.real_parts import missing

ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh.md").read_text("utf-8")
BOTH = pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])


def blocks(text: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def rows(text: str) -> list[list[str]]:
    lines = re.findall(r"^\|(.*)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def shown(default: object) -> str:
    value = default.value if isinstance(default, Enum) else default
    if value is None or value == "":
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def words(parser: argparse.ArgumentParser, before: str = "popgate") -> Iterator[str]:
    groups = [action for action in parser._actions if isinstance(action.choices, dict)]  # noqa: SLF001
    for group in groups:
        children: dict[str, argparse.ArgumentParser] = dict(group.choices or {})
        for name, child in children.items():
            yield from words(child, f"{before} {name}")
    if not groups:
        yield before


@BOTH
def test_every_setting_stands_there_with_its_default(text: str) -> None:
    listed = {row[0].strip("`"): row[1] for row in rows(text) if row[0].startswith("`GATEWAY_")}
    real = {
        f"GATEWAY_{name.upper()}": shown(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert listed == real


def test_the_english_meanings_are_those_of_the_code() -> None:
    listed = {row[0].strip("`"): row[2] for row in rows(ENGLISH) if row[0].startswith("`GATEWAY_")}
    for name, field in Settings.model_fields.items():
        assert listed[f"GATEWAY_{name.upper()}"] == field.description


@BOTH
def test_every_command_stands_there(text: str) -> None:
    listed = {
        re.sub(r" FILE$", "", row[0].strip("`"))
        for row in rows(text)
        if row[0].startswith("`popgate ")
    }
    assert listed == set(words(build_parser()))


def test_the_twins_have_the_same_sections_blocks_and_tables() -> None:
    for shape in (r"^(#+) ", r"^(\d+|-)[. ]"):
        counts = [len(re.findall(shape, text, re.MULTILINE)) for text in (ENGLISH, CHINESE)]
        assert counts[0] == counts[1], shape
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert [len(row) for row in rows(ENGLISH)] == [len(row) for row in rows(CHINESE)]


@BOTH
def test_every_link_leads_somewhere(text: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_examples_run_against_a_real_gateway(start: Starter, tmp_path: Path) -> None:
    tools = [name for name in ("bash", "curl") if shutil.which(name) is None]
    if tools:
        missing(" ".join(tools), "apt-get install bash curl")
    gateway = start("demo", "--port", "0")
    gateway.until(lambda: "Ctrl-C stops everything" in gateway.said())
    said = gateway.said()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/demo/(srf_\w+)", said)
    key = re.search(r"pgk_[\w-]+", said)
    assert found is not None
    assert key is not None
    script = "\n".join(
        block for block in blocks(ENGLISH) if "./popgate" not in block and "export " not in block
    )
    here = {"POPGATE": found[1], "SURFACE": found[2], "POPGATE_KEY": key[0], "PATH": os.defpath}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=here,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for part in ('"decision"', '"state":"in_review"', '"items"', '"withdrawn"', '"device_secret"'):
        assert part in done.stdout.replace('": ', '":'), part
