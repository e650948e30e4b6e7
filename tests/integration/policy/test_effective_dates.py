"""A version of the policy that comes into force later: by the clock, everywhere, in its order."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import audit_entries
from app.db.session import Tx
from app.domain.facts import Unknown
from app.domain.policy import Cap
from app.errors import Conflict, Forbidden, GatewayError, Invalid
from app.policy.default import DEFAULT_CAPS
from app.policy.repository import PolicyVersion
from app.pushes.replay import replay_all
from app.pushes.stored import facts_from
from tests.fixtures.clock import ManualClock
from tests.fixtures.dispatching import Recorder, SlowCounters, dispatcher
from tests.fixtures.gate import Gate, MakeGate, at
from tests.fixtures.turns import OneTurn

DAY = 86_400.0
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TIGHT = tuple(replace(cap, limit=1) if cap.limit == 2 else cap for cap in DEFAULT_CAPS)
LOOSE = tuple(replace(cap, limit=9) if cap.limit == 2 else cap for cap in DEFAULT_CAPS)


@pytest.fixture
async def gate(make_gate: MakeGate, clock: ManualClock) -> AsyncIterator[Gate]:
    async with make_gate(clock) as opened:
        yield opened


async def scheduled(gate: Gate, caps: tuple[Cap, ...], when: datetime | None) -> PolicyVersion:
    """Let one admin propose caps and another approve them."""
    draft = await gate.services.policies.propose("stf_a", caps, "调整", when)
    await gate.services.policies.approve(draft.id, "stf_b")
    return draft


async def in_force(gate: Gate) -> tuple[Cap, ...]:
    """The caps that a process goes by which looks at the versions right now."""
    await gate.services.watch.refresh()
    policy = await gate.services.policies.active()
    assert policy is not None
    return policy.caps


async def states(gate: Gate) -> list[tuple[int, str]]:
    return [(one.number, one.state) for one in await gate.services.policies.versions()]


async def audited(gate: Gate) -> list[tuple[str, str]]:
    """What the audit says of policies: kinds and who it was."""

    def read(tx: Tx) -> list[tuple[str, str]]:
        query = select(audit_entries.c.kind, audit_entries.c.actor_id).order_by(audit_entries.c.id)
        return [(row.kind, row.actor_id) for row in tx.execute(query) if "policy" in row.kind]

    return await gate.services.db.read(read)


async def refusal(gate: Gate, caps: tuple[Cap, ...], when: datetime) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        await gate.services.policies.propose("stf_a", caps, "x", when)
    return [(one.pointer, one.code) for one in refused.value.problems]


async def test_it_comes_into_force_at_its_instant_in_every_process(gate: Gate) -> None:
    other = await gate.process()
    draft = await scheduled(gate, TIGHT, at(gate, DAY))
    with pytest.raises(Conflict):
        await gate.services.policies.approve(draft.id, "stf_b")
    assert await states(gate) == [(2, "scheduled"), (1, "active")]
    gate.wait(DAY - 0.001)
    assert await in_force(gate) == await in_force(other) == DEFAULT_CAPS
    gate.wait(0.001)
    # Whoever comes first puts it in force; the other one is told by the versions that it polls.
    assert await in_force(other) == TIGHT
    assert await in_force(gate) == TIGHT
    assert await states(gate) == [(2, "active"), (1, "superseded")]
    assert await audited(gate) == [
        ("policy_published", "default"),
        ("policy_proposed", "stf_a"),
        ("policy_scheduled", "stf_b"),
        ("policy_in_force", "policy"),
    ]


@ON_SQLITE
async def test_nobody_has_to_ask_for_it(gate: Gate) -> None:
    await scheduled(gate, TIGHT, at(gate, 60))
    gate.wait(60)
    await gate.services.policies.run(OneTurn())
    assert await states(gate) == [(2, "active"), (1, "superseded")]
    assert gate.services.policies.turned_at == gate.clock.monotonic()


async def test_what_was_decided_before_is_decided_again_and_replays_with_its_own(
    gate: Gate,
) -> None:
    await gate.register("r_1")
    await scheduled(gate, TIGHT, at(gate, 60))
    first, second = [await gate.released() for _ in range(2)]
    gate.wait(60)
    await gate.dispatch()
    assert await gate.outcomes(first) + await gate.outcomes(second) == "ww"
    await gate.release()
    gate.wait(1)
    await gate.dispatch()
    # Under the version of before both would have had room.
    assert sorted(await gate.outcomes(first) + await gate.outcomes(second)) == ["a", "c"]
    decisions = (await gate.dossier(first)).decisions
    limits = [
        [cap.limit for cap in facts.caps.caps if cap.id == "general-2"]
        for facts in (facts_from(one.facts) for one in decisions)
        if not isinstance(facts.caps, Unknown)
    ]
    assert limits == [[2], [2], [1]]
    assert all([one.same_bytes async for one in replay_all(gate.services.db)])


async def test_an_instant_between_the_check_and_the_call_stops_the_call(gate: Gate) -> None:
    """The dispatcher has its slot already when another process puts the next version in force."""
    await gate.register("r_1")
    other = await gate.process()
    await scheduled(gate, TIGHT, at(gate, 60))
    await gate.released()
    gate.wait(59.9)

    async def meanwhile() -> None:
        gate.wait(0.1)
        await in_force(other)

    channel = Recorder()
    await gate.services.watch.refresh()
    await dispatcher(gate, channel, SlowCounters(gate.services.counters, meanwhile)).run(OneTurn())
    assert channel.handed == []


async def test_several_come_into_force_in_the_order_of_their_dates(gate: Gate) -> None:
    later = await scheduled(gate, LOOSE, at(gate, 2 * DAY))
    assert await refusal(gate, TIGHT, at(gate, 2 * DAY)) == [("/effective_from", "date_taken")]
    await scheduled(gate, TIGHT, at(gate, DAY))
    # Two who were free to take the same instant when they proposed.
    same = [
        await gate.services.policies.propose("stf_a", DEFAULT_CAPS, "x", at(gate, 3 * DAY))
        for _ in range(2)
    ]
    await gate.services.policies.approve(same[0].id, "stf_b")
    with pytest.raises(Conflict) as refused:
        await gate.services.policies.approve(same[1].id, "stf_b")
    assert refused.value.code == "date_taken"
    gate.wait(DAY)
    assert await in_force(gate) == TIGHT
    # Nobody was running when the last two were due: both have been in force, one after the other.
    gate.wait(2 * DAY)
    assert await in_force(gate) == DEFAULT_CAPS
    by_number = dict(await states(gate))
    assert by_number[later.number] == "superseded"
    assert [kind for kind, _ in await audited(gate)].count("policy_in_force") == 3


async def test_one_admin_withdraws_it_until_it_is_about_to_come_into_force(gate: Gate) -> None:
    policies = gate.services.policies
    gone = await scheduled(gate, TIGHT, at(gate, 60))
    kept = await scheduled(gate, LOOSE, at(gate, 90))
    for reason in ("", " ", "x" * 2001):
        with pytest.raises(Invalid):
            await policies.withdraw(gone.id, "stf_a", reason)
    await policies.withdraw(gone.id, "stf_a", "改期")
    gate.wait(60)
    assert await in_force(gate) == DEFAULT_CAPS
    for seconds, code in ((28.5, "about_to_be_in_force"), (1.5, "not_scheduled")):
        gate.wait(seconds)
        with pytest.raises(Conflict) as refused:
            await policies.withdraw(kept.id, "stf_a", "改期")
        assert refused.value.code == code
    # The refusal itself has left nothing behind: whoever looks next puts it in force.
    assert await in_force(gate) == LOOSE
    with pytest.raises(GatewayError):
        await policies.withdraw("pol_x", "stf_a", "改期")
    assert ("policy_withdrawn", "stf_a") in await audited(gate)


async def test_going_back_undoes_what_came_into_force_last_not_what_was_approved_last(
    gate: Gate,
) -> None:
    await scheduled(gate, TIGHT, at(gate, 2 * DAY))
    await scheduled(gate, LOOSE, None)
    await scheduled(gate, DEFAULT_CAPS, at(gate, 5 * DAY))
    gate.wait(2 * DAY)
    assert await in_force(gate) == TIGHT
    await gate.services.policies.roll_back("stf_a", "太紧")
    assert await in_force(gate) == LOOSE
    with pytest.raises(Conflict):
        await gate.services.policies.roll_back("stf_a", "再退")
    # What is scheduled is left alone.
    gate.wait(3 * DAY)
    assert await in_force(gate) == DEFAULT_CAPS
    await gate.services.policies.roll_back("stf_a", "误发")
    assert await in_force(gate) == LOOSE


async def test_a_rollback_at_the_instant_finds_what_has_just_come_into_force(gate: Gate) -> None:
    await scheduled(gate, TIGHT, at(gate, 60))
    gate.wait(60)
    await gate.services.policies.roll_back("stf_a", "太紧")
    assert await in_force(gate) == DEFAULT_CAPS
    assert await states(gate) == [(3, "active"), (2, "superseded"), (1, "superseded")]


@ON_SQLITE
async def test_a_draft_that_waited_too_long_is_in_force_once_it_is_approved(gate: Gate) -> None:
    draft = await gate.services.policies.propose("stf_a", TIGHT, "x", at(gate, 60))
    with pytest.raises(Forbidden):
        await gate.services.policies.approve(draft.id, "stf_a")
    gate.wait(3600)
    assert await gate.services.policies.approve(draft.id, "stf_b") is None
    assert await in_force(gate) == TIGHT
    [active, _] = await gate.services.policies.versions()
    assert active.effective_from == gate.clock.now()


@ON_SQLITE
async def test_bad_dates_are_refused_at_their_field_and_nothing_is_kept(gate: Gate) -> None:
    now = gate.clock.now()
    for when, code in (
        (now - timedelta(seconds=1), "date_past"),
        (now + timedelta(days=367), "date_too_far"),
        (now.replace(tzinfo=None), "date_without_zone"),
    ):
        assert await refusal(gate, TIGHT, when) == [("/effective_from", code)]
    assert await states(gate) == [(1, "active")]


@ON_SQLITE
async def test_it_is_checked_as_of_when_it_comes_into_force(gate: Gate) -> None:
    """Caps that begin a day from now leave today uncapped, but not the day after tomorrow."""
    later = tuple(replace(cap, effective_from=at(gate, DAY)) for cap in TIGHT)
    uncapped = {("/caps", "kind_uncapped")}
    assert set(await refusal(gate, later, at(gate, DAY - 1))) == uncapped
    await scheduled(gate, later, at(gate, DAY))
    # Its dates have passed for whoever starts from it, once it is to be in force by then.
    gate.wait(DAY / 2)
    await gate.services.policies.check(later, at(gate, DAY))
