"""The operator's rules in the console: written, tried, approved by another, and decided by."""

import json

import pytest

from app.console.pages.own_rules import EXAMPLES
from app.packs.operator_repository import RuleSetVersion
from app.rules.operator.condition import compiled
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of

RULE = {
    "id": "night",
    "title_zh": "测试规则",
    "condition": 'title contains "粮"',
    "topic": "frequency",
    "verdict": "block",
    "mode": "enforce",
    "basis": "内部通知 3 号",
    "message_zh": "标题里有粮。",
    "fix_zh": "换一个标题。",
    "reason": "试一试",
}


@pytest.fixture
async def admins(console: Console) -> tuple[Person, Person]:
    return await console.person(Role.ADMIN), await console.person(Role.ADMIN)


async def draft_of(console: Console) -> RuleSetVersion:
    versions = await console.services.operator_rules.versions()
    return next(one for one in versions if one.state == "draft")


def push_json(console: Console, **changes: object) -> str:
    return json.dumps(console.api.push(**changes), ensure_ascii=False)


async def test_a_rule_is_written_tried_approved_and_decides(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    await first.post("/console/own-rules/save", **RULE)
    assert "等待另一位管理员批准" in text_of((await first.follow()).text)
    push = push_json(console, title="秋粮入库")
    tried = await first.post("/console/playground", push=push, provider="", draft="yes")
    assert "标题里有粮。" in text_of(tried.text)
    without = await first.post("/console/playground", push=push, provider="")
    assert "标题里有粮。" not in text_of(without.text)
    draft = await draft_of(console)
    assert (await first.post(f"/console/own-rules/{draft.id}/approve")).status_code == 403
    await second.post(f"/console/own-rules/{draft.id}/approve")
    page = text_of((await second.follow()).text)
    assert "一秒内处处生效" in page
    await console.services.watch.refresh()
    answer = await console.api.submit(console.api.push(title="秋粮入库"))
    [found] = [
        one for one in answer.json()["decision"]["findings"] if one["rule"] == "operator-night"
    ]
    assert answer.json()["state"] == "blocked"
    assert found["message"] == {"zh": "标题里有粮。", "en": "标题里有粮。"}
    assert found["citation"]["clause"] == "内部通知 3 号"
    assert found["span"] == [1, 2]


async def test_a_rule_with_faults_comes_back_as_it_was_typed(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    bad = await admin.post("/console/own-rules/save", **(RULE | {"condition": "titel == 1"}))
    assert bad.status_code == 422
    assert "没有字段 titel" in text_of(bad.text)
    assert "titel == 1" in text_of(bad.text)
    odd = await admin.post("/console/own-rules/save", **(RULE | {"topic": "nothing"}))
    assert odd.status_code == 422
    assert await console.services.operator_rules.versions() == []


async def test_the_editor_says_what_is_wrong_and_where(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    said = await admin.post("/console/own-rules/condition", condition='kind == "newz" and hour > 1')
    assert "<mark" in said.text
    assert "newz" in said.text
    good = await admin.post("/console/own-rules/condition", condition="hour > 1")
    assert "条件可用" in good.text
    empty = await admin.post("/console/own-rules/condition", condition=" ")
    assert "例如" in empty.text


@pytest.mark.parametrize("condition", EXAMPLES)
def test_the_conditions_that_the_editor_shows_can_be_used(condition: str) -> None:
    assert compiled(condition).source == condition


async def test_a_rule_is_changed_removed_and_a_version_restored(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    await first.post("/console/own-rules/save", **RULE)
    await second.post(f"/console/own-rules/{(await draft_of(console)).id}/approve")
    form = await first.get("/console/own-rules/rules/operator-night")
    assert "title contains" in form.text
    await first.post(
        "/console/own-rules/save", **(RULE | {"rule_id": "operator-night", "verdict": "hold"})
    )
    changed = text_of((await first.follow()).text)
    assert "结论" in changed
    await first.post("/console/own-rules/rules/operator-night/remove", reason="不要了")
    await second.post(f"/console/own-rules/{(await draft_of(console)).id}/approve")
    assert "还没有本单位规则" in text_of((await second.follow()).text)
    old = next(
        one for one in await console.services.operator_rules.versions()
        if one.state == "superseded"
    )  # fmt: skip
    await second.post(f"/console/own-rules/{old.id}/roll-back", reason="撤错了")
    assert "测试规则" in text_of((await second.follow()).text)
    await first.post("/console/own-rules/save", **(RULE | {"id": "other"}))
    await first.post(f"/console/own-rules/{(await draft_of(console)).id}/discard")
    assert "草稿已放弃" in text_of((await first.follow()).text)
    assert (await first.get("/console/own-rules/rules/operator-none")).status_code == 404


async def test_the_playground_keeps_nothing_and_says_what_the_api_would_refuse(
    console: Console,
) -> None:
    reviewer = await console.person(Role.REVIEWER)
    push = push_json(console, title="一则消息")
    answer = await reviewer.post("/console/playground", push=push, provider=console.api.provider_id)
    assert "将转人工审核" in text_of(answer.text)
    assert "一则消息" in text_of(answer.text)
    assert (await console.api.http.get("/v1/pushes")).json()["items"] == []
    broken = await reviewer.post("/console/playground", push="{", provider="")
    assert broken.status_code == 422
    wrong = await reviewer.post("/console/playground", push='{"kind": "newz"}', provider="")
    assert "/kind" in text_of(wrong.text)
    unknown = push_json(console, surface="srf_none")
    refused = await reviewer.post("/console/playground", push=unknown, provider="")
    assert "未登记的展示端" in text_of(refused.text)
