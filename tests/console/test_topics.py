"""Topics: proposed by one admin, registered by another; only then may a cap name one."""

import pytest

from app.domain.policy import A_DAY, Cap, Covers
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of

LIST = "/console/policy/topics"
NEW = "/console/policy/topics/new"
EDIT = "/console/policy/new"
WEATHER = {"name": "天气", "title_zh": "天气预警", "title_en": "Weather", "reason": "常被反复推送"}
CAPS = {
    "id_0": "all-5", "window_0": "day", "limit_0": "5", "source_0": "内部",
    "id_1": "weather", "window_1": "day", "limit_1": "1", "source_1": "内部", "topics_1": "天气",
}  # fmt: skip


@pytest.fixture
async def admins(console: Console) -> tuple[Person, Person]:
    return await console.person(Role.ADMIN), await console.person(Role.ADMIN)


async def only_topic(console: Console) -> str:
    [topic] = await console.services.policies.topics.all()
    return topic.id


async def test_two_admins_register_a_topic_and_then_a_cap_may_name_it(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    assert "还没有登记的话题" in text_of((await first.get(LIST)).text)
    refused = await first.post(EDIT, **CAPS, reason="限制")
    assert refused.status_code == 422
    assert 'id="e-topics_1"' in refused.text
    assert "第 2 条：话题“天气”未登记，须先由两位管理员登记" in text_of(refused.text)
    english = await first.post(f"{EDIT}?lang=en", **CAPS, reason="limit")
    assert "The topic “天气” is not registered" in text_of(english.text)
    await first.get(f"{LIST}?lang=zh")
    await first.post(NEW, **WEATHER)
    assert "等待另一位管理员批准" in text_of((await first.follow()).text)
    topic = await only_topic(console)
    assert (await first.post(f"{LIST}/{topic}/approve")).status_code == 403
    assert (await first.post(EDIT, **CAPS, reason="限制")).status_code == 422
    await second.post(f"{LIST}/{topic}/approve")
    assert "话题已登记" in text_of((await second.follow()).text)
    assert (await first.post(EDIT, **CAPS, reason="限制")).status_code == 303
    # The sentence calls it what people call it.
    assert "话题为“天气预警”的弹窗" in text_of((await first.get("/console/policy")).text)


async def test_what_is_wrong_with_a_topic_stands_at_its_field(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, _ = admins
    empty = await first.post(NEW, name=" ", title_zh="x" * 65, title_en="a\tb", reason="")
    assert empty.status_code == 422
    for name in ("name", "title_zh", "title_en", "reason"):
        assert f'id="e-{name}"' in empty.text, name
    await first.post(NEW, **WEATHER)
    twice = await first.post(NEW, **WEATHER)
    assert "已登记，或正待批准" in text_of(twice.text)
    topic = await only_topic(console)
    assert (await first.post(f"{LIST}/{topic}/discard")).status_code == 303
    assert (await first.post(f"{LIST}/{topic}/approve")).status_code == 409
    assert (await first.post(f"{LIST}/top_x/approve")).status_code == 404
    assert (await first.post(NEW, **WEATHER)).status_code == 303


async def test_a_retired_topic_stays_in_the_caps_that_have_it_and_gets_into_no_other(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    await first.post(NEW, **WEATHER)
    topic = await only_topic(console)
    await second.post(f"{LIST}/{topic}/approve")
    policies = console.services.policies
    covers = Covers(topics=("天气",))
    caps = (Cap("all-5", 5, A_DAY, source="x"), Cap("weather", 1, A_DAY, covers, source="x"))
    late = await policies.propose("stf_a", caps, "限制")
    kept = await policies.propose("stf_a", caps, "限制")
    await policies.approve(kept.id, "stf_b")
    await console.services.watch.refresh()
    assert "weather" in text_of((await first.get(LIST)).text)
    assert (await first.post(f"{LIST}/{topic}/retire", reason=" ")).status_code == 422
    await first.post(f"{LIST}/{topic}/retire", reason="不再需要")
    assert "话题已停用" in text_of((await first.follow()).text)
    # The cap that has it goes on having it; a draft that waited for approval does not get it in.
    await policies.approve(late.id, "stf_b")
    other = await policies.propose("stf_a", (caps[0],), "去掉")
    again = await policies.propose("stf_a", caps, "加回")
    await policies.approve(other.id, "stf_b")
    answer = await second.post(f"/console/policy/{again.id}/approve")
    assert answer.status_code == 409
    assert "topic_unregistered" in answer.text
    assert (await second.post(EDIT, **CAPS, reason="再用")).status_code == 422
