"""The policy: proposed by one admin with every fault at its field, approved by another, undone."""

# ruff: noqa: E501 - forms, a line a row

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.clock import BEIJING
from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.policy.default import DEFAULT_CAPS
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.topics import register_topics

NEW = "/console/policy/new"
WHOLE = {"id_0": "all-5", "window_0": "day", "limit_0": "5", "source_0": "内部"}


@pytest.fixture
async def admins(console: Console) -> tuple[Person, Person]:
    return await console.person(Role.ADMIN), await console.person(Role.ADMIN)


async def in_force(console: Console) -> tuple[Cap, ...]:
    await console.services.watch.refresh()
    active = await console.services.policies.active()
    assert active is not None
    return active.caps


async def draft_of(console: Console) -> str:
    versions = await console.services.policies.versions()
    return next(one.id for one in versions if one.state == "draft")


async def publish(console: Console, first: Person, second: Person, **rows: object) -> None:
    """Propose by one and approve by the other."""
    answer = await first.post(NEW, **rows | {"reason": "调整"})
    assert answer.status_code == 303, text_of(answer.text)
    await second.post(f"/console/policy/{await draft_of(console)}/approve")


def typed_in(page: str) -> dict[str, object]:
    """Return the form as a browser would send it, unchanged."""
    found: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", page, re.DOTALL):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        ticked = named.get("type") not in {"checkbox", "radio"} or "checked" in tag
        if "name" in named and named["name"] != "csrf" and ticked:
            before = found.setdefault(named["name"], [])
            assert isinstance(before, list)
            before.append(named.get("value", ""))
    for name, options in re.findall(
        r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)"\s+selected', options)
        first = re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else (first[1] if first else "")
    areas = r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>'
    found |= dict(re.findall(areas, page, re.DOTALL))
    return found


async def test_a_policy_is_proposed_by_one_and_approved_by_another(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    assert 'name="limit_0"' in (await first.get(NEW)).text
    await first.post(NEW, **WHOLE | {"limit_0": "3"}, reason="收紧")
    seen = text_of((await first.follow()).text)
    assert "每个自然日（按其所在时区）最多收到 5 条弹窗" in seen
    assert "每个自然日（按其所在时区）最多收到 3 条弹窗" in seen
    draft = await draft_of(console)
    assert (await first.post(f"/console/policy/{draft}/approve")).status_code == 403
    await second.post(f"/console/policy/{draft}/approve")
    assert "策略已批准" in text_of((await second.follow()).text)
    assert [cap.limit for cap in await in_force(console)] == [3]
    assert (await second.post(f"/console/policy/{draft}/discard")).status_code == 409


async def test_the_form_speaks_the_whole_language(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    surface, provider = console.api.surface_id, console.api.provider_id
    await register_topics(console.services, "天气", "股市", "路况")
    rows = WHOLE | {
        "window_1": "week", "limit_1": "9", "zone_1": "Asia/Shanghai", "kinds_1": ["news", "general"],
        "surfaces_1": [surface], "providers_1": [provider], "topics_1": "天气\n股市，路况",
        "classes_1": ["finance"], "minors_1": ["only"], "per_1": ["topic"], "over_1": "defer",
        "mode_1": "shadow", "source_1": "合同", "house_1": "given", "from_1": "2099-01-01T08:00",
        "window_2": "rolling", "limit_2": "2", "span_2": "90", "unit_2": "minutes", "source_2": "内部",
        "window_3": "gap", "span_3": "2", "unit_3": "hours", "kinds_3": ["advertisement"],
        "source_3": "内部",
        "window_4": "quiet", "starts_4": "22:00", "ends_4": "7:05", "over_4": "defer", "source_4": "内部",
        "window_5": "", "limit_5": "7",
        "window_9": "rolling", "span_9": "3", "unit_9": "days", "limit_9": "8", "broadcast_9": "3",
        "source_9": "内部",
        "window_7": "day", "limit_7": "1000000000", "whom_7": "together", "source_7": "内部",
        "per_7": ["surface", "topic"],
        "window_8": "week", "limit_8": "20", "whom_8": "pushes", "percent_8": "30", "source_8": "内部",
        "per_8": ["surface"], "kinds_8": ["advertisement"],
        "window_6": "month", "limit_6": "7", "source_6": "x", "remove_6": "yes",
    }  # fmt: skip
    far = await first.post(NEW, **rows, reason="全部")
    assert "第 2 条：生效时间须在 366 天之内" in text_of(far.text)
    rows |= {"from_1": ""}
    await publish(console, first, second, **rows)
    caps = await in_force(console)
    ids = [cap.id for cap in caps]
    assert len(set(ids)) == 8
    assert [replace(cap, id="") for cap in caps] == [
        Cap("", 5, A_DAY, source="内部"),
        Cap(
            "", 9, Calendar(CalendarUnit.WEEK, "Asia/Shanghai"),
            Covers(
                (ContentKind.NEWS, ContentKind.GENERAL), (surface,), (provider,),
                ("天气", "股市", "路况"), (ContentClass.FINANCE,), (MinorsAudience.ONLY,),
            ),
            (Per.RECIPIENT, Per.TOPIC), Over.DEFER, Mode.SHADOW, "合同", house=False,
        ),
        Cap("", 2, Rolling(5400), source="内部"),
        Cap("", 1, Gap(7200), Covers((ContentKind.ADVERTISEMENT,)), source="内部"),
        Cap("", 0, QuietHours(22 * 60, 7 * 60 + 5), over=Over.DEFER, source="内部"),
        Cap("", 10**9, A_DAY, per=(Per.SURFACE, Per.TOPIC), source="内部"),
        Cap(
            "", 20, Calendar(CalendarUnit.WEEK), Covers((ContentKind.ADVERTISEMENT,)),
            (Per.SURFACE,), source="内部", counts=Counts.PUSHES, percent=30,
        ),
        Cap("", 8, Rolling(3 * 86_400), source="内部", broadcast=3),
    ]  # fmt: skip
    # What the form shows of them, sent back as it is, is the same again.
    await publish(console, second, first, **typed_in((await second.get(NEW)).text))
    assert await in_force(console) == caps


@pytest.mark.parametrize(
    ("row", "at", "words"),
    [
        ({"limit_1": "many"}, "limit_1", "须为整数"),
        ({"limit_1": ""}, "limit_1", "须为整数"),
        ({"limit_1": "-1"}, "limit_1", "上限不能是负数"),
        ({"limit_1": "1001"}, "limit_1", "上限过大"),
        ({"zone_1": "Mars/Olympus"}, "zone_1", "没有名为 Mars/Olympus 的时区"),
        ({"window_1": "rolling", "span_1": "0"}, "span_1", "1 分钟到 31 天"),
        ({"window_1": "rolling", "span_1": "32", "unit_1": "days"}, "span_1", "1 分钟到 31 天"),
        ({"window_1": "quiet", "starts_1": "25:00", "ends_1": "7:00"}, "starts_1", "须为时刻"),
        ({"window_1": "quiet", "starts_1": "7:00", "ends_1": "7:00"}, "starts_1", "全天"),
        ({"over_1": "defer", "limit_1": "0"}, "over_1", "永远没有空位"),
        ({"whom_1": "nobody"}, "whom_1", "没有这个选项"),
        ({"percent_1": "30"}, "percent_1", "占比只能按推送计数"),
        ({"percent_1": "3.5"}, "percent_1", "须为整数"),
        ({"kinds_1": ["spam"]}, "kinds_1", "没有这个选项"),
        ({"surfaces_1": ["srf_x"]}, "surfaces_1", "没有这个选项"),
        ({"window_1": "fortnight"}, "window_1", "没有这个选项"),
        ({"window_1": "gap", "span_1": "5", "unit_1": "years"}, "unit_1", "没有这个选项"),
        ({"per_1": ["kind"], "kinds_1": ["news"]}, "per_1", "没有作用"),
        ({"source_1": ""}, "source_1", "来源"),
        ({"from_1": "yesterday"}, "from_1", "须为日期和时刻"),
        ({"from_1": "2020-01-01T00:00"}, "from_1", "生效时间已过去"),
        ({"topics_1": "股市"}, "topics_1", "话题“股市”未登记"),
        ({"id_1": "all-5"}, "id_1", "重复"),
        ({"limit_1": "6", "window_1": "day", "kinds_1": []}, "window_1", "永远不起作用"),
    ],
)
async def test_every_fault_stands_at_its_field_and_nothing_is_kept(
    console: Console, row: dict[str, object], at: str, words: str
) -> None:
    admin = await console.person(Role.ADMIN)
    base = {
        "id_1": "two",
        "window_1": "week",
        "limit_1": "9",
        "source_1": "内部",
        "kinds_1": ["news"],
    }
    answer = await admin.post(NEW, **WHOLE | base | row, reason="x")
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert "第 2 条：" in page
    assert words in page
    if at != "id_1":
        assert f'id="e-{at}"' in answer.text
    assert [one.state for one in await console.services.policies.versions()] == ["active"]


async def test_a_policy_as_a_whole_is_checked_before_it_is_proposed(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    empty = await admin.post(NEW, window_0="", reason="x")
    assert "策略不能为空" in text_of(empty.text)
    uncapped = await admin.post(NEW, **WHOLE | {"kinds_0": ["news"]}, reason="x")
    assert "生效时没有按接收用户对 广告信息 类弹窗全部计数的上限" in text_of(uncapped.text)
    fine = await admin.post(NEW, **WHOLE, act="check")
    assert fine.status_code == 200
    assert "没有发现问题" in text_of(fine.text)
    assert (await admin.post(NEW, **WHOLE)).status_code == 422
    english = await admin.post(NEW, **WHOLE | {"limit_0": "-1"}, lang="en", reason="x")
    assert english.status_code == 422
    assert [one.state for one in await console.services.policies.versions()] == ["active"]


async def test_what_may_surprise_is_said_beside_a_cap_and_refuses_nothing(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    rows = WHOLE | {
        "id_1": "news", "window_1": "day", "limit_1": "6", "source_1": "x", "kinds_1": ["news"],
        "id_2": "none", "window_2": "day", "limit_2": "0", "source_2": "x", "topics_2": "天气",
    }  # fmt: skip
    await register_topics(console.services, "天气")
    checked = text_of((await first.post(NEW, **rows, act="check")).text)
    assert "没有发现问题" in checked
    assert "只要 all-5 有效，这一条不会单独拦下任何弹窗" in checked
    assert "范围内的弹窗一条也不会下发" in checked
    english = await first.post(f"{NEW}?lang=en", **rows, act="check")
    assert "As long as all-5 binds" in text_of(english.text)
    await first.get(f"{NEW}?lang=zh")
    await publish(console, first, second, **rows)
    await console.services.watch.refresh()
    page = text_of((await first.get("/console/policy")).text)
    assert "只要 all-5 有效" in page


async def test_the_last_publishing_is_undone_by_one_admin_and_only_that(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    none = await second.post("/console/policy/roll-back", reason="错了")
    assert none.status_code == 409
    await publish(console, first, second, **WHOLE | {"limit_0": "1"})
    page = text_of((await second.get("/console/policy")).text)
    assert "撤回会恢复第 1 版" in page
    assert (await second.post("/console/policy/roll-back", reason="")).status_code == 422
    await second.post("/console/policy/roll-back", reason="误拦新闻")
    assert "已撤回最近一次发布" in text_of((await second.follow()).text)
    assert await in_force(console) == DEFAULT_CAPS
    again = await second.post("/console/policy/roll-back", reason="再退")
    assert again.status_code == 409
    # The record of it stands in the ledger, under a number of its own.
    versions = await console.services.policies.versions()
    assert [(one.number, one.state) for one in versions] == [
        (3, "active"), (2, "superseded"), (1, "superseded"),
    ]  # fmt: skip


async def test_an_earlier_version_is_read_compared_and_started_from(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    await publish(console, first, second, **WHOLE | {"limit_0": "1"})
    shipped = next(one for one in await console.services.policies.versions() if one.number == 1)
    auditor = await console.person(Role.AUDITOR)
    page = text_of((await auditor.get(f"/console/policy/versions/{shipped.id}")).text)
    assert "策略 第 1 版" in page
    assert "与现行版本的差异" in page
    assert "最多收到 1 条弹窗" in page
    assert (await auditor.get("/console/policy/versions/pol_x")).status_code == 404
    form = typed_in((await first.get(NEW, **{"from": shipped.id})).text)
    await publish(console, first, second, **form)
    assert await in_force(console) == DEFAULT_CAPS


def in_days(console: Console, days: int) -> str:
    """A date and time as a browser sends it, so many days ahead."""
    now = console.services.clock.now().astimezone(BEIJING)
    return f"{now + timedelta(days=days):%Y-%m-%dT%H:%M}"


async def test_a_bad_date_is_refused_at_its_field(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    for typed, words in (
        ("morgen", "须为日期和时刻"),
        (in_days(console, -1), "生效时间已过去"),
        (in_days(console, 400), "366 天之内"),
    ):
        refused = await admin.post(NEW, **WHOLE, effective_from=typed, reason="x")
        assert refused.status_code == 422
        assert 'id="e-effective_from"' in refused.text
        assert f'value="{typed}"' in refused.text
        assert words in text_of(refused.text)
    assert [one.state for one in await console.services.policies.versions()] == ["active"]


async def test_versions_are_scheduled_shown_with_who_approved_them_and_withdrawn(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    draft = ""
    for days, limit in ((2, "2"), (1, "1")):
        rows = WHOLE | {"limit_0": limit, "effective_from": in_days(console, days)}
        await first.post(NEW, **rows, reason="过节")
        draft = await draft_of(console)
        await second.post(f"/console/policy/{draft}/approve")
    page = text_of((await second.follow()).text)
    assert "将按所定时间生效" in page
    # The one that comes first stands first, each beside the one it follows.
    assert page.index("待生效 第 3 版") < page.index("待生效 第 2 版")
    assert page.index("届时取代第 1 版") < page.index("届时取代第 3 版")
    assert page.count("人员1 批准") == 2
    assert await in_force(console) == DEFAULT_CAPS
    path = f"/console/policy/{draft}/withdraw"
    assert (await first.post(path, reason="")).status_code == 422
    await first.post(path, reason="改期")
    page = text_of((await first.follow()).text)
    assert "排期已撤回" in page
    assert "届时取代第 3 版" not in page
    assert (await first.post(path, reason="改期")).status_code == 409
    english = text_of((await first.get(f"/console/policy/versions/{draft}?lang=en")).text)
    assert "withdrawn" in english
    assert "In force from" in english
