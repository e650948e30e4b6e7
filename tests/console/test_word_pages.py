"""Word lists and rule packs in the console: written, tried, imported, published, undone."""

import pytest

from app.packs.content import PackContent
from app.packs.states import PackState
from app.screening.rows import Problem, WordListError
from app.screening.screener import Screener
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.packs import SHIPPED_TERM, small_screener

TERM = "/console/words/fraud/term"
FIELDS = {"text": "全新赌局", "mark": "hold", "reason": "测试", "must_hit": "当心全新赌局"}


@pytest.fixture(scope="module")
def shipped_screener() -> Screener:
    """Stands for the shipped lists, which take longer to compile."""
    return small_screener()


async def two_admins(console: Console) -> tuple[Person, Person]:
    return await console.person(Role.ADMIN), await console.person(Role.ADMIN)


async def begun(person: Person) -> str:
    answer = await person.post("/console/packs/new", title="补充词条", note="")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def saved(person: Person, **fields: str) -> None:
    answer = await person.post(TERM, **(FIELDS | fields))
    assert answer.status_code == 303, text_of(answer.text)


async def loaded(console: Console) -> None:
    await console.services.watch.refresh()
    await console.services.packs.loader.turn()


async def test_a_term_goes_from_the_form_into_force_by_two_admins_and_back(
    console: Console,
) -> None:
    writer, second = await two_admins(console)
    pack_id = await begun(writer)
    await saved(writer)
    page = text_of((await writer.get(f"/console/packs/{pack_id}")).text)
    assert "新增词条" in page
    assert "全新赌局" in page
    await writer.post(f"/console/packs/{pack_id}/propose", reason="请复核")
    assert (await writer.post(f"/console/packs/{pack_id}/approve", revision="2")).status_code == 403
    stale = await second.post(f"/console/packs/{pack_id}/approve", revision="1")
    assert stale.status_code == 409
    await second.post(f"/console/packs/{pack_id}/approve", revision="2")
    await loaded(console)
    assert "可以发布" in (await second.get(f"/console/packs/{pack_id}")).text
    await second.post(f"/console/packs/{pack_id}/publish")
    await loaded(console)
    assert (await console.services.packs.active()).version.count("+pack.1.") == 1
    assert "现行" in text_of((await second.get("/console/packs")).text)
    await writer.post("/console/packs/roll-back", reason="误伤")
    assert "已恢复自带词库" in (await writer.follow()).text
    await loaded(console)
    assert "+pack" not in (await console.services.packs.active()).version


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"must_hit": "毫不相干"}, "应命中而未命中：毫不相干"),
        ({"must_pass": "好\n这是全新赌局"}, "不应命中却命中：这是全新赌局"),
        ({"text": "短"}, "词条过短"),
        ({"reason": " "}, "不能为空"),
        ({"switch_pinyin": "on", "exceptions": "没有它"}, "例外不含词条"),
    ],
)
async def test_what_fails_is_shown_and_nothing_is_saved(
    console: Console, fields: dict[str, str], said: str
) -> None:
    admin = await console.person(Role.ADMIN)
    pack_id = await begun(admin)
    answer = await admin.post(TERM, **(FIELDS | fields))
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert FIELDS["must_hit"] in answer.text or fields.get("must_hit", "") in answer.text
    assert (await console.services.authoring.view(pack_id)).content.items == ()


async def test_nothing_can_be_written_without_a_draft(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    for path in (TERM, "/console/words/fraud/remove", "/console/limits", "/console/exemptions"):
        fields = FIELDS | {"phrase": "短语", "name": "old_news_days", "value": "7", "source": "s"}
        assert (await admin.post(path, **fields)).status_code == 409, path
    assert "没有编写中的规则包" in (await admin.get("/console/words")).text
    assert (await admin.get("/console/words/nowhere")).status_code == 404
    assert (await admin.get(TERM, text="没有")).status_code == 404


async def test_shipped_terms_are_changed_removed_and_restored(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    pack_id = await begun(admin)
    path = "/console/words/gambling"
    form = {"text": SHIPPED_TERM, "mark": "exact", "reason": "测试", "switch_homophone": "off"}
    await admin.post(f"{path}/term", **form)
    entry = (await console.services.authoring.view(pack_id)).content.terms[0]
    assert (entry.mark.value, [one.value for one in entry.off]) == ("exact", ["homophone"])
    found = await admin.get(path, origin="changed", mark="exact", q="彩金")
    assert SHIPPED_TERM in found.text
    assert "没有符合条件的词条" in (await admin.get(path, mark="hold")).text
    await admin.post(f"{path}/restore", text=SHIPPED_TERM)
    assert (await console.services.authoring.view(pack_id)).content.items == ()
    await admin.post(f"{path}/remove", text=SHIPPED_TERM, reason="误伤太多")
    diff = text_of((await admin.get(f"/console/packs/{pack_id}")).text)
    assert "移除词条" in diff
    assert "误伤太多" in (await admin.get(path, origin="removed")).text
    await saved(admin)
    await admin.post("/console/words/fraud/remove", text="全新赌局")
    assert len((await console.services.authoring.view(pack_id)).content.terms) == 1


async def test_exemptions_and_limits(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    pack_id = await begun(admin)
    bad = await admin.post("/console/exemptions", phrase="短语", reason="r", until="昨天")
    assert bad.status_code == 422
    fields = {"phrase": "彩金回馈", "reason": "店名", "until": "2999-01-01", "terms": "送彩金"}
    await admin.post("/console/exemptions", categories="gambling", **fields)
    assert "2999-01-01" in (await admin.get("/console/exemptions")).text
    await admin.post("/console/exemptions/lift", phrase="彩金回馈")
    for value, status in (("七", 422), ("0", 422), ("7", 303)):
        given = {"name": "old_news_days", "value": value, "source": "内部规定"}
        assert (await admin.post("/console/limits", **given)).status_code == status
    assert "内部规定" in (await admin.get("/console/limits")).text
    assert "old_news_days" in (await admin.get(f"/console/packs/{pack_id}")).text
    await admin.post("/console/limits/restore", name="old_news_days")
    assert (await console.services.authoring.view(pack_id)).content.items == ()


async def test_samples_show_what_the_draft_finds_and_what_it_no_longer_does(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    auditor = await console.person(Role.AUDITOR)
    await begun(admin)
    await saved(admin)
    gone = {"text": SHIPPED_TERM, "reason": "误伤"}
    await admin.post("/console/words/gambling/remove", **gone)
    samples = f"当心全新赌局\n{SHIPPED_TERM}\n今天天气好\n全*新*赌*局"
    page = await auditor.post("/console/samples", samples=samples)
    assert '<mark class="hit hit-hold">全新赌局</mark>' in page.text
    said = text_of(page.text)
    assert "新增命中 2" in said
    assert "不再命中 1" in said
    assert "插入分隔符" in said
    assert "未命中" in said


async def test_a_file_shows_its_difference_before_anything_is_saved(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    pack_id = await begun(admin)
    path = "/console/words/gambling"
    csv = "term,mark,reason\n新赌法,exact,测试\n首存送彩金,exact,更严\n"
    files = {"file": ("a.csv", csv.encode(), "text/csv")}
    shown = await admin.post(f"{path}/import", files=files, mode="merge")
    assert shown.status_code == 200
    assert "新增词条" in text_of(shown.text)
    assert (await console.services.authoring.view(pack_id)).content.items == ()
    assert (await admin.post(f"{path}/import", content=csv, confirmed="yes")).status_code == 303
    view = await console.services.authoring.view(pack_id)
    assert {one.text: one.mark.value for one in view.content.terms} == {
        "新赌法": "exact",
        SHIPPED_TERM: "exact",
    }
    given = {"content": "term,reason\n新赌法,测试\n", "mode": "replace", "confirmed": "yes"}
    await admin.post(f"{path}/import", **given)
    view = await console.services.authoring.view(pack_id)
    assert [one.text for one in view.content.terms if one.removed] == [SHIPPED_TERM]
    export = await admin.get(f"{path}/export")
    assert export.headers["content-disposition"] == 'attachment; filename="gambling.csv"'
    assert export.content.decode("utf-8-sig").splitlines()[1].startswith("新赌法,hold")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("term,reason\n好,甲\n".encode("gbk"), "第 2 行：不是 UTF-8 编码"),
        (b"term\nx\n", "首行须为列名"),
        ("term,reason,mark\n词语,甲,maybe\n".encode(), "第 2 行：取值无效"),
        ("term,reason\n词语,甲\n词语,乙\n".encode(), "第 3 行：词条重复"),
        ("term,reason\n,甲\n".encode(), "第 2 行：不能为空"),
        ("term,reason\n词语\n".encode(), "第 2 行：列数与首行不符"),
        (b"term,reason\n", "文件中没有词条"),
        (b"term,reason\n" + b"x" * 1_000_000, "文件超过 900 KiB"),
        (b'term,reason\n"x" y,z\n', "第 2 行：CSV 格式错误"),
    ],
)
async def test_a_bad_file_names_its_lines(console: Console, data: bytes, said: str) -> None:
    admin = await console.person(Role.ADMIN)
    await begun(admin)
    answer = await admin.post(
        "/console/words/fraud/import", files={"file": ("a.csv", data, "text/csv")}
    )
    assert answer.status_code == 422
    assert said in text_of(answer.text)


async def test_a_back_test_shows_how_far_it_is_and_what_it_found(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    for title in ("当心全新赌局", SHIPPED_TERM, "天气晴朗"):
        assert (await console.api.submit(console.api.push(title=title))).status_code == 201
    pack_id = await begun(admin)
    await saved(admin)
    await admin.post("/console/words/gambling/remove", text=SHIPPED_TERM, reason="误伤")
    path = f"/console/packs/{pack_id}/trials"
    assert "还没有回测" in (await admin.get(path)).text
    await admin.post(path, wanted="1000")
    trial = await admin.follow()
    for _ in range(200):
        if "已完成" in trial.text:
            break
        assert 'hx-trigger="every 1s"' in trial.text
        trial = await admin.get(str(trial.url))
    said = text_of(trial.text)
    assert "3 / 3 条" in said
    assert "1 新增命中的推送 这些推送尚无人工裁定" in said
    assert "1 不再命中的推送" in said
    assert "<ins>全新赌局</ins>" in trial.text
    assert f"<del>{SHIPPED_TERM}</del>" in trial.text
    assert "尚未试运行" in (await admin.get(path)).text
    address = str(trial.url.path)
    await admin.post(f"{address}/cancel")
    assert "已完成" in (await admin.get(address)).text
    assert (await admin.get(f"{path}/trl_none")).status_code == 404


async def test_sending_back_discarding_and_forcing(console: Console) -> None:
    writer, second = await two_admins(console)
    pack_id = await begun(writer)
    assert (await writer.post("/console/packs/new", title="另一份")).status_code == 409
    await saved(writer)
    await writer.post(f"/console/packs/{pack_id}/propose", reason="")
    await second.post(f"/console/packs/{pack_id}/return", reason="样例太少")
    pack = (await console.services.authoring.view(pack_id)).pack
    assert pack.state is PackState.DRAFT
    await writer.post(f"/console/packs/{pack_id}/propose", reason="")
    await second.post(f"/console/packs/{pack_id}/approve", revision=str(pack.revision))
    await second.post(f"/console/packs/{pack_id}/discard", reason="不再需要")
    assert "已放弃" in (await second.get("/console/packs")).text


async def test_a_process_that_has_not_loaded_it_is_named_and_can_be_overruled(
    console: Console,
) -> None:
    writer, second = await two_admins(console)
    pack_id = await begun(writer)
    await saved(writer)
    await writer.post(f"/console/packs/{pack_id}/propose", reason="")
    await second.post(f"/console/packs/{pack_id}/approve", revision="2")

    async def cannot(content: PackContent) -> Screener:
        raise WordListError((Problem("fraud.tsv", len(content.terms), "坏", "bad"),))

    console.services.packs.loader.compiler.screener = cannot  # type: ignore[method-assign]
    await loaded(console)
    page = await second.get(f"/console/packs/{pack_id}")
    assert "有 1 个进程尚未载入" in page.text
    assert "fraud.tsv:1: bad" in page.text
    publish = f"/console/packs/{pack_id}/publish"
    assert (await second.post(publish)).status_code == 409
    assert (await second.post(publish, force="yes")).status_code == 422
    assert (await second.post(publish, force="yes", reason="紧急")).status_code == 303
    assert "强制" in text_of((await second.get("/console/packs")).text)
    await console.services.watch.refresh()
    # Nothing is decided on the one before.
    assert (await console.api.submit(console.api.push())).status_code == 503
