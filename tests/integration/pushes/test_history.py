"""What was pushed before: found again by every process, after a restart, and at release."""

import orjson

from app.domain.decision import Topic
from app.domain.facts import HistoryFacts
from app.pushes.facts import Subject
from tests.fixtures.gate import Gate

AGAIN = "新公交线路开通 示例城市"


async def submit_news(gate: Gate, title: str, **changes: object) -> tuple[str, set[str]]:
    """Submit news with a title; return its id and the topics of its findings."""
    answer = await gate.submit(gate.news(title=title, body=title, **changes))
    told = orjson.loads(answer.body)
    return str(told["id"]), {finding["topic"] for finding in told["decision"]["findings"]}


async def prepared(gate: Gate) -> None:
    await gate.license_news()
    await gate.publish_sources()


async def test_a_story_told_again_needs_a_reason_whatever_the_process(gate: Gate) -> None:
    await prepared(gate)
    _, first = await submit_news(gate, "示例城市开通新公交线路")
    assert Topic.REHASH not in first
    _, second = await submit_news(gate, AGAIN)
    assert Topic.REHASH in second
    other = await gate.process()
    _, elsewhere = await submit_news(other, AGAIN)
    assert Topic.REHASH in elsewhere
    _, reasoned = await submit_news(gate, AGAIN, rehash_reason="后续进展")
    assert Topic.REHASH not in reasoned


async def test_another_process_is_read_while_running(gate: Gate) -> None:
    await prepared(gate)
    other = await gate.process()
    await other.services.history.ready()
    first, _ = await submit_news(gate, "示例城市开通新公交线路")
    assert await other.services.history.catch_up() == 1
    _, topics = await submit_news(other, AGAIN)
    assert Topic.REHASH in topics
    await gate.services.history.catch_up()
    await gate.services.pushes.withdraw(gate.caller, first, "撤回")
    await other.services.history.catch_up()
    assert (await submit_news(other, "示例城市新公交线路开通"))[1] >= {Topic.REHASH}


async def test_what_was_withdrawn_or_replaced_does_not_count(gate: Gate) -> None:
    await prepared(gate)
    first, _ = await submit_news(gate, "示例城市开通新公交线路")
    second, topics = await submit_news(gate, AGAIN, replaces=first)
    assert Topic.REHASH not in topics
    await gate.services.pushes.withdraw(gate.caller, second, "撤回")
    await gate.services.pushes.withdraw(gate.caller, first, "撤回")
    _, third = await submit_news(gate, AGAIN)
    assert Topic.REHASH not in third


async def test_a_push_decided_again_does_not_find_itself(gate: Gate) -> None:
    await prepared(gate)
    push_id, _ = await submit_news(gate, "示例城市开通新公交线路")
    await submit_news(gate, AGAIN)
    await gate.approve(push_id)
    stored = await gate.stored(push_id)
    standing = await gate.services.pushes._gatherer.standing()  # noqa: SLF001
    found = gate.services.pushes._gatherer.gather(  # noqa: SLF001
        standing,
        Subject(stored.provider_id, stored.submitter, stored.digest, gate.news(), push_id),
        (),
        gate.clock.now(),
    )
    assert isinstance(found.history, HistoryFacts)
    assert found.history.retold == ()


async def test_a_day_has_room_for_so_many_pushes_on_one_topic(gate: Gate) -> None:
    await prepared(gate)
    titles = ["甲处堤坝加固", "乙村开设临时学校", "丙县发放救灾物资", "丁镇恢复供水", "戊路抢通"]
    seen = [(await submit_news(gate, title, topic="某地汛情"))[1] for title in titles]
    assert all(Topic.TOPIC_CLUSTERING not in topics for topics in seen)
    _, sixth = await submit_news(gate, "己区集中安置居民", topic="某地汛情")
    assert Topic.TOPIC_CLUSTERING in sixth
    _, another = await submit_news(gate, "己区图书馆开放", topic="图书馆")
    assert Topic.TOPIC_CLUSTERING not in another
