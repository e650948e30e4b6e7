"""Filters, saved views, the search through what is past, and the files of both."""

import csv
import io

from app.review.view_repository import views_for
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.desk import claim, rule, submit


async def rows_of(person: Person, path: str, **query: str) -> list[dict[str, str]]:
    answer = await person.get(path, **query)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_queue_is_narrowed_by_every_filter(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    await submit(console, title="茶叶上市")
    sender = next(iter((await console.services.register.current()).senders))
    provider = console.api.provider_id
    shows = ({"sender": sender}, {"provider": provider}, {"topic": "advertiser"},
             {"rule": "human-review"}, {"kind": "advertisement"}, {"claimed": "no"})  # fmt: skip
    for asked in shows:
        assert "茶叶上市" in (await reviewer.get("/console/queue", **asked)).text, asked
    hides = ({"sender": "snd_x"}, {"topic": "human_review"}, {"rule": "popup-05-03-distortion"},
             {"age": "15m"})  # fmt: skip
    for asked in hides:
        page = await reviewer.get("/console/queue", **asked)
        assert "没有符合条件的工单" in page.text, asked
    page = await reviewer.get("/console/queue", age="15m")
    assert '<option value="15m" selected>' in page.text


async def saved(console: Console, maker: Person) -> str:
    """Save a view as the queue's form does, and return its link."""
    await maker.post("/console/views", page="queue", query="kind=news&age=1h&x=1", name="久等新闻")
    page = await maker.follow()
    assert page.url.query == b"kind=news&age=1h"
    assert "已存为视图“久等新闻”" in page.text
    assert 'class="chip chip-here"' in page.text
    [view] = await console.services.db.read(lambda tx: views_for(tx, maker.staff_id))
    return f"/console/views/{view.id}"


async def test_a_view_is_shared_by_its_link_and_stays_its_makers(console: Console) -> None:
    maker, other = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    assert "存为视图" in (await maker.get("/console/queue", kind="news")).text
    assert "存为视图" not in (await maker.get("/console/queue")).text
    link = await saved(console, maker)
    assert (await other.get(link)).status_code == 404
    await maker.post(f"{link}/share", shared="yes")
    assert f"{link}</code>" in (await maker.follow()).text
    await other.get(link)
    assert (await other.follow()).url.query == b"kind=news&age=1h"
    assert "久等新闻" in text_of((await other.get("/console/views")).text)
    for action in ("rename", "share", "delete"):
        assert (await other.post(f"{link}/{action}", name="我的")).status_code == 404
    await maker.post(f"{link}/share", shared="no")
    assert (await other.get(link)).status_code == 404


async def test_a_view_is_renamed_and_deleted_and_faults_stand_at_the_name(
    console: Console,
) -> None:
    maker = await console.person(Role.REVIEWER)
    link = await saved(console, maker)
    await maker.post("/console/views", page="past", query="", name="全部")
    wrong = await maker.post("/console/views", page="queue", query="kind=news", name="久等新闻")
    assert (wrong.status_code, "您已有同名的视图" in wrong.text) == (409, True)
    assert 'name="query" value="kind=news"' in wrong.text
    wrong = await maker.post(f"{link}/rename", name=" ")
    assert (wrong.status_code, "请填写视图名称" in wrong.text) == (422, True)
    await maker.post(f"{link}/rename", name="一小时以上")
    assert "删除视图“一小时以上”？" in (await maker.follow()).text
    await maker.post(f"{link}/delete")
    assert "视图已删除" in (await maker.follow()).text
    noted = "SELECT count(*) FROM audit_entries WHERE kind = 'saved_view_changed'"
    assert await console.services.db.read(lambda tx: tx.exec_driver_sql(noted).scalar()) == 4


async def test_past_tickets_are_found_paged_and_each_ruling_shown(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    assert "没有已办结的工单" in (await reviewer.get("/console/past")).text
    tea = await submit(console, title="茶叶上市")
    await rule(reviewer, tea, await claim(reviewer, tea), "refuse", reason="=标识不合格")
    await submit(console, title="咖啡上市")
    page = text_of((await reviewer.get("/console/past", words="茶叶", verdict="refuse")).text)
    assert "茶叶上市" in page
    assert "=标识不合格" in page
    assert "咖啡" not in page
    none = await reviewer.get("/console/past", words="茶叶", reviewer="stf_nobody")
    assert "没有符合条件的工单" in none.text
    wrong = await reviewer.get("/console/past", **{"from": "2026-13-01"})
    assert (wrong.status_code, "须为日期" in wrong.text) == (422, True)
    for after in ("x", "tkt_01", tea.ticket_id):
        assert (await reviewer.get("/console/past", after=after)).status_code == 200

    [row] = await rows_of(reviewer, "/console/past/export", words="茶叶")
    assert (row["title"], row["verdict"], row["reason"]) == ("茶叶上市", "refuse", "'=标识不合格")
    assert row["reviewer"] == reviewer.staff_id
    assert await rows_of(reviewer, "/console/past/export", verdict="approve") == []


async def test_what_is_past_goes_on_over_pages(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    for number in range(31):
        waiting = await submit(console, title=f"第 {number} 条")
        await console.services.pushes.withdraw_by_staff(
            console.actor, "admin", waiting.push_id, "测试"
        )
    first = await reviewer.get("/console/past", verdict="none")
    assert "第 0 条" not in first.text
    following = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = await reviewer.get(following.replace("&amp;", "&"))
    assert "第 0 条" in second.text
    assert 'rel="next"' not in second.text
    rows = await rows_of(reviewer, "/console/past/export")
    assert (len(rows), {row["verdict"] for row in rows}) == (31, {""})


async def test_the_queue_as_a_file_is_harmless_and_who_took_it_is_noted(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    formula = await submit(console, title="=HYPERLINK(1) 茶叶上市")
    await submit(console, title="咖啡上市")
    await claim(reviewer, formula)
    rows = await rows_of(reviewer, "/console/queue/export", words="茶叶")
    assert [row["title"] for row in rows] == ["'=HYPERLINK(1) 茶叶上市"]
    assert rows[0]["claimed_by"] == reviewer.staff_id
    assert len(await rows_of(reviewer, "/console/queue/export", mine="1")) == 1
    bodies = await console.services.db.read(
        lambda tx: [
            str(one[0])
            for one in tx.exec_driver_sql(
                "SELECT body FROM audit_entries WHERE kind = 'review_exported' ORDER BY id"
            )
        ]
    )
    assert '"rows":1' in bodies[0]
    assert "mine=1" in bodies[1]
