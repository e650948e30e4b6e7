"""The page of the parity report: by admins and auditors, bad lines named, nothing on a disk."""

from tempfile import SpooledTemporaryFile

import pytest

from app.staff.roles import Role
from tests.fixtures.console import Console, text_of

PATH = "/console/policy/parity"


def roll(rows: int = 60) -> bytes:
    return b"".join(f"r_{at},{'ab'[at % 2]}\n".encode() for at in range(rows))


async def test_a_report_is_made_of_a_file_that_never_reaches_a_disk(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_disk(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(SpooledTemporaryFile, "rollover", to_disk)
    auditor = await console.person(Role.AUDITOR)
    assert "文件只用于这一次计算" in text_of((await auditor.get(PATH)).text)
    fields = {"surface": console.api.surface_id, "first": "2026-11-01", "last": "2026-11-20"}
    large = roll(150_000)
    assert len(large) > 1_500_000
    answer = await auditor.post(PATH, files={"file": ("roll.csv", large)}, **fields)
    assert answer.status_code == 200
    page = text_of(answer.text)
    assert "75000 人" in page
    assert "这些日子里收到的弹窗太少" in page
    assert "parity_compared" in (await auditor.get("/console/audit", kind="parity_compared")).text


async def test_what_is_wrong_is_named_by_line_and_at_its_field(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    empty = await admin.post(PATH, first="x", last="")
    assert empty.status_code == 422
    for name in ("surface", "first", "last", "file"):
        assert f"请{'选择' if name in {'surface', 'file'} else '填写'}" in text_of(empty.text), name
    fields = {"surface": console.api.surface_id, "first": "2026-11-01", "last": "2026-11-20"}
    bad = await admin.post(PATH, files={"file": ("r.csv", b"one\n" + roll())}, **fields)
    assert bad.status_code == 422
    assert "第 1 行：须恰好有两列" in text_of(bad.text)
    small = await admin.post(f"{PATH}?lang=en", files={"file": ("r.csv", roll(20))}, **fields)
    assert "so that nobody is singled out, at least 30" in text_of(small.text)
    huge = await admin.post(PATH, files={"file": ("r.csv", b"x" * (10 << 20))}, **fields)
    assert huge.status_code == 413


async def test_reviewers_do_not_get_it(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    assert (await reviewer.get(PATH)).status_code == 403
    assert "平等比对" not in text_of((await reviewer.get("/console/policy")).text)
