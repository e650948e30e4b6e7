"""Source lists, policy, kill switches and the ledger: two admins where two are needed."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.audit.offline_verifier import main as verify_offline
from app.db.session import Database, Tx
from app.signing.keys import Purpose
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of

LEDGER = "/console/audit/ledger"
HEAD = "name,category,region,domain,status\n"
CSV = HEAD + "新华网,中央,全国,news.cn,\n某报,地方,北京,,not_confirmed\n残,,,,fragment\n"


class Held:
    """A database whose reads after the first wait: a check has begun and gets no further."""

    def __init__(self, db: Database, after: int = 1) -> None:
        self._db = db
        self._reads = -after
        self.wrote = False
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def read(self, work: Callable[[Tx], Any]) -> Any:  # noqa: ANN401 - what the work returns
        self._reads += 1
        if self._reads > 0:
            self.reached.set()
            await self.go.wait()
        return await self._db.read(work)

    async def write(self, work: Callable[[Tx], Any]) -> Any:  # noqa: ANN401 - what the work returns
        self.wrote = True
        return await self._db.write(work)


@pytest.fixture
async def admins(console: Console) -> tuple[Person, Person]:
    """Two different admins."""
    return await console.person(Role.ADMIN), await console.person(Role.ADMIN)


async def imported(admin: Person, text: str, label: str = "2021 版") -> str:
    files = {"file": ("list.csv", text.encode(), "text/csv")}
    answer = await admin.post("/console/sources/new", files=files, edition=label, note="来源")
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"])


async def test_a_list_is_imported_compared_confirmed_and_published_by_another(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    page = await imported(first, CSV)
    seen = text_of((await first.follow()).text)
    assert "已导入 2 个单位，另有 1 行未计入" in seen
    assert "2 新增" in seen
    assert "您导入的名单须由另一位管理员发布" in seen
    assert (await first.post(f"{page}/publish")).status_code == 403
    await first.post(f"{page}/confirm", unit=["某报"])
    assert "已确认 1 个单位" in text_of((await first.follow()).text)
    nothing = await first.post(f"{page}/confirm")
    assert nothing.status_code == 303
    assert (await second.post(f"{page}/publish")).status_code == 303
    assert "名单已发布" in text_of((await second.follow()).text)
    assert (await second.post(f"{page}/publish")).status_code == 409
    await console.services.watch.refresh()
    active = await console.services.packs.active()
    assert active.sources is not None
    assert len(active.sources.units) == 2


async def test_the_next_edition_shows_what_it_adds_removes_and_changes(
    admins: tuple[Person, Person],
) -> None:
    first, second = admins
    await second.post(f"{await imported(first, CSV)}/publish")
    page = await imported(first, HEAD + "新华网,中央,全国,xinhuanet.com,\n新报,地方,,,\n", "2026")
    text = text_of((await first.get(page)).text)
    assert "1 新增" in text
    assert "1 移除" in text
    assert "1 变更" in text
    assert "xinhuanet.com" in text
    found = text_of((await first.get(page, q="新报")).text)
    assert "共 1 个" in found
    await first.post(f"{page}/discard")
    assert "草稿已放弃" in text_of((await first.follow()).text)


@pytest.mark.parametrize(
    ("data", "label", "words"),
    [
        (b"", "a", "缺少 name 列"),
        (b"\xff\xfe\x00", "a", "文件不是 UTF-8 编码"),
        ("name,status\n甲,odd\n".encode(), "a", "第 2 行：未知的 status"),
        (CSV.encode(), "", "必填"),
        (CSV.encode(), "长" * 41, "40"),
    ],
)
async def test_a_bad_file_changes_nothing_and_says_why(
    console: Console, data: bytes, label: str, words: str
) -> None:
    admin = await console.person(Role.ADMIN)
    files = {"file": ("list.csv", data, "text/csv")}
    answer = await admin.post("/console/sources/new", files=files, edition=label, note="")
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert await console.services.packs.editions() == []


async def test_a_form_without_a_file_or_over_the_limit_is_refused_with_a_page(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    bare = await admin.post("/console/sources/new", edition="a", file="text instead")
    assert bare.status_code == 422
    files = {"file": ("list.csv", b"x" * (9 * 1024 * 1024), "text/csv")}
    big = await admin.post("/console/sources/new", files=files, edition="a")
    assert big.status_code == 413
    assert "<html" in big.text


async def test_a_kill_switch_is_confirmed_then_shown_everywhere_then_lifted(
    console: Console,
) -> None:
    admin, reviewer = await console.person(Role.ADMIN), await console.person(Role.REVIEWER)
    form = {"scope": "kind", "value_kind": "advertisement", "reason": "主管部门通知"}
    asked = await admin.post("/console/switches/new", **form)
    assert "即将停止" in text_of(asked.text)
    assert (await console.services.policies.all_switches()) == []
    sure = {"scope": "kind", "value": "advertisement", "reason": "主管部门通知", "order_number": ""}
    await admin.post("/console/switches/new", confirmed="yes", **sure)
    await console.services.watch.refresh()
    banner = text_of((await reviewer.get("/console/account")).text)
    assert "紧急停推中：1 项正在生效" in banner
    assert "主管部门通知" in banner
    switch = next(iter(await console.services.policies.all_switches()))
    assert (await admin.post(f"/console/switches/{switch.id}/lift", reason="")).status_code == 422
    await admin.post(f"/console/switches/{switch.id}/lift", reason="恢复")
    await console.services.watch.refresh()
    assert "紧急停推中" not in text_of((await reviewer.get("/console/account")).text)
    again = await admin.post(f"/console/switches/{switch.id}/lift", reason="恢复")
    assert again.status_code == 409


async def test_a_kill_switch_names_what_it_stops_and_why(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    for form in (
        {"scope": "surface", "reason": "x"},
        {"scope": "everything", "reason": ""},
        {"scope": "nonsense", "reason": "x"},
    ):
        answer = await admin.post("/console/switches/new", confirmed="yes", **form)
        assert answer.status_code == 422
    assert await console.services.policies.all_switches() == []


async def test_entries_are_found_by_kind_subject_actor_and_day(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    page = "/console/audit"
    assert "登录" in text_of((await admin.get(page, kind="sign_in")).text)
    found = text_of((await admin.get(page, subject=console.api.provider_id)).text)
    assert "登记服务提供者" in found
    assert "没有符合条件的记录" in text_of((await admin.get(page, actor="stf_nobody")).text)
    past = {"from": "2001-01-01", "to": "2001-01-02"}
    assert "没有符合条件的记录" in text_of((await admin.get(page, **past)).text)
    assert (await admin.get(page, **{"from": "x", "before": "' OR 1"})).status_code == 200


async def test_pages_of_the_ledger_follow_each_other_without_gap_or_repetition(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    for _ in range(60):
        await console.services.staff.set_language(console.actor, admin.staff_id, "zh")
    seen: list[str] = []
    page = await admin.get("/console/audit")
    while True:
        found = [part.split('"')[0] for part in page.text.split("/console/audit/entries/")[1:]]
        seen += found
        if 'rel="next"' not in page.text:
            break
        onward = page.text.split('"/console/audit?before=')[1].split('"')[0]
        page = await admin.get("/console/audit", before=onward)
    assert len(seen) == len(set(seen)) > 60
    assert seen == sorted(seen, reverse=True)


async def test_the_ledger_is_checked_and_the_result_stays(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    await console.services.sealer.run_once()
    empty = text_of((await auditor.get(LEDGER)).text)
    assert "尚未从控制台校验过" in empty
    await auditor.post(f"{LEDGER}/verify")
    assert "校验已开始" in text_of((await auditor.follow()).text)
    await console.services.ledger_checks.ended()
    page = (await auditor.get(LEDGER)).text
    assert "结论 完好" in text_of(page)
    assert "hx-trigger" not in page
    assert auditor.username is not None
    checks = text_of((await auditor.get("/console/audit", kind="ledger_verified")).text)
    assert "ledger" in checks


async def test_an_altered_entry_is_reported_on_the_page(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    await console.services.sealer.run_once()

    def alter(tx: object) -> None:
        tx.exec_driver_sql("UPDATE audit_entries SET subject = 'x' WHERE kind = 'provider_added'")  # type: ignore[attr-defined]

    await console.services.db.write(alter)
    await auditor.post(f"{LEDGER}/verify")
    await console.services.ledger_checks.ended()
    assert "1 处问题" in text_of((await auditor.get(LEDGER)).text)
    entry = text_of((await auditor.get("/console/audit", kind="provider_added")).text)
    assert "登记服务提供者" in entry


async def test_a_check_that_runs_is_shown_with_its_progress_and_is_everybodys(
    console: Console,
) -> None:
    auditor, admin = await console.person(Role.AUDITOR), await console.person(Role.ADMIN)
    await console.services.sealer.run_once()
    checks = console.services.ledger_checks
    held = Held(console.services.db)
    checks._db = held  # type: ignore[assignment]  # noqa: SLF001 - so that the check stands still
    await auditor.post(f"{LEDGER}/verify")
    await held.reached.wait()
    assert checks.running is not None
    page = (await admin.get(LEDGER)).text
    shown = text_of(page)
    assert f"已读 0 / {checks.running.of} 条记录" in shown
    assert checks.running.of > 0
    assert 'hx-trigger="every 1s"' in page
    assert f'value="{checks.running.percent}"' in page
    await admin.post(f"{LEDGER}/verify")
    assert "已有校验在进行" in text_of((await admin.follow()).text)
    held.go.set()
    await checks.ended()
    done = text_of((await admin.get(LEDGER)).text)
    assert "结论 完好" in done
    assert "正在校验" not in done


async def test_a_check_that_cannot_be_finished_says_so_and_leaves_no_record(
    console: Console,
) -> None:
    auditor = await console.person(Role.AUDITOR)
    await console.services.sealer.run_once()
    checks, whole = console.services.ledger_checks, console.services.db
    broken = Database("sqlite:////nowhere/at/all.db")
    checks._db = broken  # noqa: SLF001 - a database that is gone
    await auditor.post(f"{LEDGER}/verify")
    await checks.ended()
    page = text_of((await auditor.get(LEDGER)).text)
    assert "校验没有完成" in page
    assert "没有留痕" in page
    assert "尚未从控制台校验过" in page
    english = text_of((await auditor.get(LEDGER, lang="en")).text)
    assert "The check was not finished" in english
    await broken.close()
    checks._db = whole  # noqa: SLF001 - and back again
    await auditor.post(f"{LEDGER}/verify", lang="zh")
    await checks.ended()
    assert "The check was not finished" not in text_of((await auditor.get(LEDGER)).text)


async def test_closing_breaks_a_check_off_and_records_nothing(console: Console) -> None:
    await console.services.sealer.run_once()
    checks = console.services.ledger_checks
    held = Held(console.services.db)
    checks._db = held  # type: ignore[assignment]  # noqa: SLF001 - so that the check stands still
    assert checks.start(console.actor)
    assert not checks.start(console.actor)
    await held.reached.wait()
    await checks.close()
    assert (checks.running, checks.failed) == (None, None)
    assert not held.wrote


async def test_a_reviewer_cannot_begin_a_check(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    refused = await reviewer.post(f"{LEDGER}/verify")
    assert refused.status_code == 403
    assert console.services.ledger_checks.running is None


async def test_the_export_is_one_that_a_stranger_can_check(
    console: Console, tmp_path: Path
) -> None:
    auditor = await console.person(Role.AUDITOR)
    await console.services.sealer.run_once()
    answer = await auditor.post("/console/audit/ledger/export")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert len(lines) > 5
    file = tmp_path / "ledger.jsonl"
    file.write_bytes(answer.content)
    keys = console.services.keyring.public_keys(Purpose.CHECKPOINT)
    assert verify_offline([str(file), "--key", keys[0].raw.hex()]) == 0
    # It leaves in parts, so nobody has to know its length first.
    assert "content-length" not in answer.headers
    taken = text_of((await auditor.get("/console/audit", kind="ledger_exported")).text)
    assert "人员0" in taken


async def test_a_ledger_with_a_gap_is_not_exported_at_all(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    await console.services.sealer.run_once()

    path = console.services.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("DELETE FROM audit_entries WHERE kind = 'provider_added'")
    answer = await auditor.post("/console/audit/ledger/export")
    assert answer.status_code == 503
    assert "缺失" in text_of(answer.text)
    # Nothing was taken, so nothing is said to have been.
    page = await auditor.get("/console/audit", kind="ledger_exported")
    assert "/console/audit/entries/" not in page.text
