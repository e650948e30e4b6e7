"""A file of token and group: read, or refused with every bad line."""

import pytest

from app.domain import parity
from app.domain.parity import SMALLEST_GROUP, RollFault, read_roll


def lines(*more: str) -> list[bytes]:
    whole = [f"r_{at},{'member' if at % 2 else 'ordinary'}" for at in range(2 * SMALLEST_GROUP)]
    return [line.encode() + b"\n" for line in (*whole, *more)]


def found(*rows: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.code) for fault in read_roll(rows)[1]]


def test_a_file_is_read_with_commas_or_tabs_a_heading_and_blank_lines() -> None:
    roll, faults = read_roll(lines())
    assert faults == ()
    assert (roll.groups, roll.sizes) == (("ordinary", "member"), (30, 30))
    assert roll.members["r_1"] == 1
    tabs = [b"\xef\xbb\xbftoken\tgroup\r\n", b"\r\n"]
    tabs += [line.replace(b",", b"\t").replace(b"\n", b"\r\n") for line in lines()]
    assert read_roll(tabs) == (roll, ())


def test_every_bad_line_is_named() -> None:
    assert found(b"a", b"a,b,c", b",b", b"a,", b"x" * 65 + b",b", b"a," + b"y" * 41, b"\xff,b",
                 b"a\x00b,c", b"t,b", b"t,c") == [
        (1, "columns"), (2, "columns"), (3, "bad_token"), (4, "bad_group"), (5, "bad_token"),
        (6, "bad_group"), (7, "not_utf8"), (8, "bad_token"), (10, "repeated"),
    ]  # fmt: skip
    assert read_roll([b"t,b", b"", b"t,c"])[1] == (RollFault(3, "repeated", {"first": 1}),)


def test_nobody_is_singled_out_by_a_small_group_or_many_groups() -> None:
    assert read_roll(lines("r_x,boss"))[1] == (
        RollFault(0, "small_group", {"group": "boss", "size": 1, "least": 30}),
    )
    assert found() == [(0, "groups")]
    assert found(b"a,b", b"c,b") == [(0, "groups")]
    assert found(*(f"t{at},g{at}".encode() for at in range(9))) == [(0, "groups")]


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "MOST_TOKENS", 10)
    assert found(*(f"t{at},g".encode() for at in range(100))) == [(11, "too_many")]
