"""Why a recipient has room or has not: used how much, by which pushes, free again when."""

from datetime import timedelta
from typing import Any

import pytest

from app.delivery.explained_json import explained_json
from app.domain.policy import A_DAY, Cap, Covers, Mode, Per, QuietHours, Rolling
from app.domain.push import ContentKind, MinorsAudience
from app.errors import NotFound
from tests.fixtures.gate import Gate
from tests.fixtures.valkey import flush

CAPS = (
    Cap("all", 3, A_DAY, source="house"),
    Cap("hour", 2, Rolling(3600), source="house"),
    Cap("topic", 1, A_DAY, per=(Per.RECIPIENT, Per.TOPIC), mode=Mode.SHADOW, source="house"),
    Cap(
        "news", 1, A_DAY, Covers(kinds=(ContentKind.NEWS,)), per=(Per.RECIPIENT, Per.PROVIDER),
        source="h",
    ),
    Cap("surface", 50, A_DAY, per=(Per.SURFACE,), source="house"),
    Cap("provider", 60, Rolling(3600), per=(Per.PROVIDER, Per.TOPIC), source="house"),
    Cap("total", 70, A_DAY, per=(), source="house"),
    Cap(
        "quiet", 0, QuietHours(9 * 60, 11 * 60), Covers(minors=(MinorsAudience.ONLY,)),
        source="house",
    ),
    Cap("elsewhere", 1, A_DAY, Covers(surfaces=("srf_other",)), source="house"),
)  # fmt: skip


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    draft = await still_gate.services.policies.propose("stf_a", CAPS, "测试")
    await still_gate.services.policies.approve(draft.id, "stf_b")
    await still_gate.services.watch.refresh()
    await still_gate.register("r_1", "r_11")
    return still_gate


async def explained(gate: Gate, recipient: str = "r_1") -> dict[str, Any]:
    found = await gate.services.explaining.explain(gate.surface_id, recipient, gate.provider_id)
    answer = explained_json(found, gate.provider_id, {})
    caps = {(one["id"], *one["counted_for"].values()): one for one in answer["caps"]}
    return answer | {"caps": caps}


async def send(gate: Gate, *tokens: str, topic: str | None = None) -> str:
    push_id = await gate.released(*tokens, topic=topic)
    await gate.dispatch()
    return push_id


async def test_each_cap_says_how_much_is_used_by_which_pushes(gate: Gate) -> None:
    first = await send(gate, "r_1", "r_11", topic="weather")
    gate.wait(1800)
    second = await send(gate, "r_1")
    found = await explained(gate)
    caps = found["caps"]
    assert found["counted_by"] == "counters"
    own = {("all",), ("hour",), ("topic", "weather"), ("topic", None), ("quiet",)}
    assert {name for name, one in caps.items() if not one["together"]} == own
    whole, hour = caps["all",], caps["hour",]
    assert (whole["used"], whole["limit"], whole["full"]) == (2, 3, False)
    assert [one["id"] for one in whole["pushes"]] == [second, first]
    assert {one["outcome"] for one in whole["pushes"]} == {"accepted"}
    assert (hour["used"], hour["full"]) == (2, True)
    assert [one["id"] for one in caps["topic", "weather"]["pushes"]] == [first]
    assert caps["topic", None]["mode"] == "shadow"
    assert (caps["quiet",]["full"], caps["quiet",]["resets_at"]) == (True, "2026-11-21T03:00:00Z")
    # When it says that there is room, there is.
    third = await send(gate, "r_1")
    assert (await gate.rows(third))[0].left_out == {"hour": 1}
    view = await gate.services.views.get(gate.provider_id, third)
    assert view.left_out == {"hour": 1}
    wait = (await gate.services.explaining.explain(gate.surface_id, "r_1")).caps[1].resets_at
    assert wait is not None
    gate.wait((wait - gate.clock.now()).total_seconds())
    assert await gate.outcomes(await send(gate, "r_1")) == "a"


async def test_what_is_counted_together_says_how_much_all_have_used(gate: Gate) -> None:
    first = await send(gate, "r_1", "r_11", topic="weather")
    second = await send(gate, "r_1")
    caps, mine = (await explained(gate))["caps"], gate.provider_id
    total, surface = caps["total",], caps["surface", gate.surface_id]
    # One of three was somebody else's, who is counted and not told of.
    assert (total["used"], surface["used"], surface["full"]) == (3, 3, False)
    assert [one["id"] for one in surface["pushes"]] == [second, first]
    together: set[tuple[str | None, ...]] = {("surface", gate.surface_id), ("total",)}
    together |= {("provider", mine, "weather"), ("provider", mine, None)}
    assert {name for name, one in caps.items() if one["together"]} == together
    assert [caps["provider", mine, topic]["used"] for topic in ("weather", None)] == [2, 1]


async def test_a_recipient_who_got_nothing_has_all_room(gate: Gate) -> None:
    await send(gate, "r_11")
    found = await explained(gate, "r_1")
    own = {name for name, one in found["caps"].items() if not one["together"]}
    assert own == {("all",), ("hour",), ("quiet",)}
    for one in found["caps"].values():
        used = 1 if one["together"] else 0
        assert (one["used"], one["pushes"], one["pushes_of_others"]) == (used, [], 0)
    assert found["caps"]["hour",]["resets_at"] is None


async def test_while_counters_are_lost_the_rows_are_added_up(gate: Gate) -> None:
    push_id = await send(gate, "r_1", topic="weather")
    before = await explained(gate)
    flush(gate.counters_url)
    after = await explained(gate)
    assert after["counted_by"] == "outbox"
    used = {name: one["used"] for name, one in after["caps"].items()}
    assert used == {name: one["used"] for name, one in before["caps"].items()}
    assert [one["id"] for one in after["caps"]["hour",]["pushes"]] == [push_id]


async def test_pushes_of_others_are_counted_and_not_named(gate: Gate) -> None:
    await send(gate, "r_1")
    found = await gate.services.explaining.explain(gate.surface_id, "r_1")
    answer = explained_json(found, "prv_other", {})
    assert "provider" not in {one["id"] for one in answer["caps"]}
    whole = answer["caps"][0]
    assert (whole["used"], whole["pushes"], whole["pushes_of_others"]) == (1, [], 1)


async def test_what_reached_nobody_and_what_is_over_is_not_among_them(gate: Gate) -> None:
    await gate.released("r_1")
    await gate.stop_everything()
    await gate.dispatch()
    assert (await explained(gate))["caps"]["all",]["used"] == 0
    with pytest.raises(NotFound):
        await gate.services.explaining.explain("srf_nowhere", "r_1")


async def test_yesterday_is_not_explained_any_more(gate: Gate) -> None:
    await send(gate, "r_1")
    gate.wait(timedelta(days=1).total_seconds())
    whole = (await explained(gate))["caps"]["all",]
    assert (whole["used"], whole["pushes"]) == (0, [])
