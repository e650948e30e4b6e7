"""The rule set version changes with the rules and with nothing else."""

import re
from pathlib import Path

import pytest

from app.rules.version import digest_of, rule_set_version


def a_tree(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def digest(root: Path) -> str:
    return digest_of({"app.rules": root})


BEFORE = {"a.py": b"one\ntwo\n", "sub/b.py": b"three\n"}


def test_the_version_is_a_digest_and_stays_the_same() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", rule_set_version())
    assert rule_set_version() == rule_set_version()


@pytest.mark.parametrize(
    "changes",
    [
        {"a.py": b"one\r\ntwo\r\n"},
        {"a.py": b"one\rtwo\r"},
        {"a.py": b"\xef\xbb\xbfone\ntwo\n"},
        {"__pycache__/a.cpython-311.pyc": b"cache"},
        {"wording/zh.toml": b"words"},
    ],
)
def test_line_ends_caches_and_words_do_not_change_the_version(
    tmp_path: Path, changes: dict[str, bytes]
) -> None:
    before = digest(a_tree(tmp_path / "before", BEFORE))
    assert digest(a_tree(tmp_path / "after", BEFORE | changes)) == before


@pytest.mark.parametrize(
    "after",
    [
        {"a.py": b"one\ntwo!\n", "sub/b.py": b"three\n"},
        {"a.py": b"one\ntwo\n"},
        {"a.py": b"one\ntwo\n", "sub/c.py": b"three\n"},
        {"a.py": b"one\ntwo\nthree\n", "sub/b.py": b""},
    ],
)
def test_any_change_of_the_sources_changes_the_version(
    tmp_path: Path, after: dict[str, bytes]
) -> None:
    assert digest(a_tree(tmp_path / "before", BEFORE)) != digest(a_tree(tmp_path / "after", after))


def test_the_order_in_which_a_machine_lists_files_does_not_matter(tmp_path: Path) -> None:
    one = a_tree(tmp_path / "one", {"b.py": b"2", "a.py": b"1"})
    two = a_tree(tmp_path / "two", {"a.py": b"1", "b.py": b"2"})
    assert digest_of({"app.rules": one, "app.domain": two}) == digest_of(
        {"app.domain": one, "app.rules": two}
    )
