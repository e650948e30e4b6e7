"""Promise 7: stored decisions can be computed again, byte for byte."""

from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from app.domain.push import ContentKind
from app.domain.state import PushState
from app.pushes.replay import differences, replay, replay_all
from app.pushes.stored import decision_from, facts_bytes, facts_from
from app.rules.engine import decide, encode
from tests.fixtures.facts import facts_of
from tests.fixtures.gate import Gate


async def test_every_stored_decision_is_computed_again_byte_for_byte(gate: Gate) -> None:
    await gate.license_news()
    await gate.publish_sources()
    await gate.services.watch.refresh()
    for _ in range(3):
        await gate.released()
    await gate.submit(gate.news())
    await gate.submit(gate.news(title="震惊！速看！！"))
    blocked = await gate.push(kind=ContentKind.ADVERTISEMENT)
    assert await gate.state(blocked) is PushState.BLOCKED
    every = [one async for one in replay_all(gate.services.db)]
    assert len(every) == 3 * 2 + 3
    assert [one for one in every if one.is_broken or not one.same_bytes] == []
    one = [found async for found in replay_all(gate.services.db, blocked)]
    assert [found.number for found in one] == [1]


async def test_another_rule_set_names_both_versions_and_every_difference(gate: Gate) -> None:
    push_id = await gate.push()
    stored = (await gate.dossier(push_id)).decisions[0]
    old = orjson.loads(stored.decision)
    old |= {"rule_set": "sha256:old", "verdict": "block"}
    old["findings"] = [old["findings"][0] | {"code": "gone"}, *old["findings"]]
    told = replay(replace(stored, decision=orjson.dumps(old)))
    assert (told.made_with, told.is_broken) == ("sha256:old", False)
    assert told.computed_with != told.made_with
    assert told.differences[0] == "verdict block -> hold"
    assert len(told.differences) == 2
    assert '"code":"gone"' in told.differences[1]
    same = replay(replace(stored, decision=stored.decision + b" "))
    assert same.is_broken


def test_a_finding_that_stands_there_twice_is_a_difference() -> None:
    one = {"verdict": "hold", "findings": [{"rule": "a"}]}
    two = {"verdict": "hold", "findings": [{"rule": "a"}, {"rule": "a"}]}
    assert len(differences(orjson.dumps(one), orjson.dumps(two))) == 1


@given(
    title=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    limit=st.integers(0, 100),
    used=st.booleans(),
)
def test_stored_facts_come_back_as_they_were(title: str, limit: int, *, used: bool) -> None:
    facts = facts_of("news", {"push.title": title, "push.personalisation.used": used})
    facts = replace(facts, limits=(replace(facts.limits[0], value=limit), *facts.limits[1:]))
    again = facts_from(facts_bytes(facts))
    assert again == facts
    assert encode(decide(again)) == encode(decide(facts))
    assert decision_from(encode(decide(facts))) == decide(facts)
