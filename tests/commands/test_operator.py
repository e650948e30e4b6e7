"""What an operator does at the terminal: rules, sources, checking, replaying, passwords."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from app.cli import main
from app.clock import SystemClock, beijing_day
from app.commands.staff_add import add
from app.db.session import Database, Tx
from app.db.versions import VersionWatch
from app.packs.authoring import Authoring
from app.packs.content import LimitEntry
from app.packs.publishing import Publishing
from app.packs.service import Packs
from app.rules.limits import REQUIRED
from app.settings import Settings
from tests.fixtures.api import Api
from tests.fixtures.packs import SECOND, WRITER, small_screener

SOURCES = """name,domain,status
新华通讯社,news.cn,found
某地日报社,daily.example,not_confirmed
某地晚报社,evening.example,not_confirmed
"""


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a gateway that was migrated and has two admins, `first` and `second`."""
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    settings = Settings()
    assert settings.database == sqlite_url
    for name in ("first", "second"):
        asyncio.run(add(settings, name, frozenset({"admin"})))
    return settings


@pytest.fixture
def edition(tmp_path: Path) -> str:
    file = tmp_path / "sources.csv"
    file.write_text(SOURCES, "utf-8")
    return str(file)


@pytest.fixture
def nothing_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which no gateway was ever started."""
    folder = tmp_path / "nothing-yet"
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(folder))
    return folder


async def put_in_force(settings: Settings, entry: LimitEntry) -> None:
    """Publish a rule pack that says this one thing."""
    clock, database = SystemClock(), Database(settings.database)
    try:
        packs = Packs(database, VersionWatch(database, clock), clock, small_screener())
        authoring, publishing = (
            Authoring(database, clock, packs.loader),
            Publishing(database, clock),
        )
        draft = await authoring.begin(WRITER, "测试包", "")
        await authoring.save(draft.id, WRITER, [entry])
        proposed = await authoring.propose(draft.id, WRITER, "请复核")
        await publishing.approve(draft.id, SECOND, proposed.revision)
        await publishing.publish(draft.id, SECOND, "测试", force=True)
    finally:
        await database.close()


def test_rules_list_shows_every_clause_in_both_languages(
    nothing_yet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "list"]) == 0
    said = capsys.readouterr().out
    assert (
        "popup-05-08-ad-label  [block]  《互联网弹窗信息推送服务管理规定》第五条第（八）项" in said
    )
    assert "human-review" in said
    assert "（产品规则 house policy）" in said
    numbers = said[said.index("numbers that rules read") :]
    assert "close_min_side_dp" in numbers
    assert "44 dp" in numbers
    assert "关闭标志宽和高的最小值" in numbers
    assert "smallest width and height of the close mark" in numbers
    assert "依据 source: T/TAF 114-2022 4.3.3" in numbers
    assert "自 since 2026-11-21" in numbers
    assert not nothing_yet.exists()


@pytest.mark.usefixtures("nothing_yet")
def test_rules_list_as_json_is_what_the_api_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"rule_set", "rule_pack", "items", "elsewhere", "limits"} == set(found)
    assert found["rule_set"].startswith("sha256:")
    assert all(item["clause"]["zh"] and item["clause"]["en"] for item in found["items"])
    assert {limit["name"] for limit in found["limits"]} == {known.name for known in REQUIRED}
    assert all(limit["source"] and limit["says"]["zh"] for limit in found["limits"])


def test_rules_list_shows_the_numbers_of_the_pack_in_force(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(put_in_force(settings, LimitEntry("push_lifetime_hours", 24, "本院规定")))
    assert main(["rules", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    lifetime = next(one for one in found["limits"] if one["name"] == "push_lifetime_hours")
    assert (lifetime["value"], lifetime["source"], lifetime["house"]) == (24, "本院规定", True)
    assert lifetime["since"] == beijing_day(SystemClock().now()).isoformat()
    assert "+pack.1." in found["rule_pack"]


def test_rules_list_wants_the_newest_tables(
    nothing_yet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing_yet.mkdir()
    (nothing_yet / "gateway.db").touch()
    assert main(["rules", "list"]) == 1
    assert "popgate migrate" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_an_edition_is_imported_confirmed_and_published_by_two_admins(
    edition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sources", "import", edition, "--edition", "e1", "--by", "first"]
    assert main([*words, "--confirm", "某地日报社", "--publish", "--second", "second"]) == 0
    said = capsys.readouterr().out
    assert "新增 added 3" in said
    assert "待确认，暂不匹配 unconfirmed, not matched 1: 某地晚报社" in said
    assert "已发布 · published" in said
    again = ["sources", "import", edition, "--edition", "e2", "--by", "first", "--confirm-all"]
    assert main(again) == 0
    said = capsys.readouterr().out
    assert "变更 changed 2" in said or "变更 changed" in said
    assert "草稿" in said


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--by", "first", "--publish", "--second", "first"], "another admin"),
        (["--by", "nobody"], "--by"),
        (["--by", "first", "--publish"], "--second"),
        (["--by", "first", "--confirm", "没有的单位"], "--confirm"),
    ],
)
def test_an_edition_is_not_published_by_one_person_or_by_strangers(
    edition: str, more: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sources", "import", edition, "--edition", "e1", *more]) == 1
    assert named in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_a_bad_line_of_an_edition_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("name,domain\n新华通讯社,not a domain\n", "utf-8")
    assert main(["sources", "import", str(file), "--edition", "e", "--by", "first"]) == 1
    assert "第 2 行" in capsys.readouterr().err


async def in_thread(*words: str) -> int:
    return await asyncio.to_thread(main, list(words))


async def test_push_check_decides_like_the_api_and_leaves_no_trace(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    body = api.push(source=None)
    good.write_text(json.dumps(body), "utf-8")
    bad.write_text(json.dumps(body | {"presentation": body["presentation"] | {"ad_label": None}}))
    answer = (await api.check(body)).json()
    capsys.readouterr()
    assert await in_thread("push", "check", str(good), "--json") == 0
    assert json.loads(capsys.readouterr().out) == answer
    assert await in_thread("push", "check", str(bad)) == 1
    said = capsys.readouterr().out
    assert said.startswith("拦截 block")
    assert "popup-05-08-ad-label" in said
    assert await api.services.views.counts() == {}


async def test_push_check_names_what_cannot_be_decided(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    stranger = json.dumps(api.push(surface="srf_unknown", source=None))
    for written, words, named in [
        ("{", (), ""),
        (stranger, (), "/surface"),
        (json.dumps(api.push(source=None)), ("--provider", "prv_unknown"), "--provider"),
    ]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(written.encode())))
        assert await in_thread("push", "check", "-", *words) == 1
        assert named in capsys.readouterr().err
    assert await in_thread("push", "check", str(tmp_path / "missing.json")) == 1
    assert "missing.json" in capsys.readouterr().err


async def test_replay_passes_over_what_was_stored_and_fails_on_what_was_changed(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    ids = [(await api.submit(api.push(source=None))).json()["id"] for _ in range(3)]
    assert await in_thread("replay") == 0
    assert "复算 3 条判定：0 条" in capsys.readouterr().out
    assert await in_thread("replay", ids[0]) == 0
    assert await in_thread("replay", "psh_nothing") == 1
    capsys.readouterr()

    def forge(tx: Tx) -> None:
        tx.execute(text("UPDATE decisions SET decision = REPLACE(decision, 'hold', 'allow')"))

    await api.services.db.write(forge)
    assert await in_thread("replay") == 1
    said = capsys.readouterr().out
    assert "× " in said
    assert "3 broken" in said


def test_somebody_changes_a_one_time_password_at_the_terminal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    password = asyncio.run(add(settings, "wang", frozenset({"reviewer"})))
    for lines, code, named in [
        (f"{password}\na brand new pass 9\nanother one\n", 1, "differ"),
        ("wrong\na brand new pass 9\na brand new pass 9\n", 1, "wrong"),
        (f"{password}\nshort\nshort\n", 1, "/new"),
        (f"{password}\na brand new pass 9\na brand new pass 9\n", 0, "changed"),
    ]:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        assert main(["staff", "password", "wang"]) == code
        said = capsys.readouterr()
        assert named in said.out + said.err
