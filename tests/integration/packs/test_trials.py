"""A pack tried on stored pushes, and in the shadow of new ones, on each database."""

import asyncio
from typing import Any

import pytest

from app.domain.decision import RulingVerdict
from app.domain.screening import Severity
from app.errors import Conflict, NotFound
from app.packs.content import LimitEntry, TermEntry
from app.pushes import trials as module
from app.pushes.trial_repository import Trial
from app.screening.screener import Screener
from tests.fixtures.gate import Gate
from tests.fixtures.packs import (
    SECOND,
    SHIPPED_TERM,
    WRITER,
    small_screener,
    staged,
    term,
)


@pytest.fixture(scope="module")
def shipped_screener() -> Screener:
    """Stands for the shipped lists, which take longer to compile."""
    return small_screener()


async def ended(gate: Gate, trial_id: str) -> Trial:
    for _ in range(400):
        trial, _found = await gate.services.trials.trial(trial_id)
        if trial.state != "running":
            return trial
        await asyncio.sleep(0.02)
    pytest.fail("never ended")


async def refused(gate: Gate, push_id: str) -> None:
    await gate.rule(
        await gate.claim(push_id),
        verdict=RulingVerdict.REFUSE,
        clause="第五条",
        reason="违法",
        clears=(),
    )


async def draft(gate: Gate, *entries: TermEntry) -> str:
    pack = await gate.services.authoring.begin(WRITER, "测试包", "")
    await gate.services.authoring.save(pack.id, WRITER, entries)
    return pack.id


def row(way: str, text: str, list_id: str, **counts: int) -> dict[str, Any]:
    numbers = {"pushes": 1, "refused": 0, "approved": 0} | counts
    return {"way": way, "list_id": list_id, "term": text, **numbers}


async def test_new_and_lost_hits_are_counted_against_what_people_ruled(gate: Gate) -> None:
    bad = await gate.push(title="全新赌局速来")
    good = await gate.push(title="警惕全新赌局，民警提醒")
    await gate.push(title=SHIPPED_TERM)
    await gate.push(title="天气晴朗")
    await refused(gate, bad)
    await gate.approve(good)
    gone = TermEntry("gambling", SHIPPED_TERM, removed=True, reason="误伤")
    pack_id = await draft(gate, term(mark=Severity.EXACT), gone)
    trial = await gate.services.trials.start(pack_id, WRITER, 200)
    assert trial.total == 4
    done = await ended(gate, trial.id)
    assert (done.state, done.done) == ("done", 4)
    assert done.summary["gained"] == {"pushes": 2, "refused": 1, "approved": 1}
    assert done.summary["lost"] == {"pushes": 1, "refused": 0, "approved": 0}
    # Every push is held anyway for a person; what is marked exact would block.
    assert done.summary["verdicts"] == {"hold>block": 2}
    assert done.summary["terms"] == [
        row("gained", "全新赌局", "fraud", pushes=2, refused=1, approved=1),
        row("lost", SHIPPED_TERM, "gambling"),
    ]
    _, found = await gate.services.trials.trial(trial.id)
    assert {one.push_id for one in found} >= {bad, good}
    # Nothing was decided: the states are as they were.
    assert (await gate.stored(good)).verdict.value == "hold"


async def test_a_trial_looks_at_the_newest_and_no_more_than_asked(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    pushes = [await gate.push(title=f"全新赌局{number}") for number in range(5)]
    pack_id = await draft(gate, term())
    trial = await gate.services.trials.start(pack_id, WRITER, 3)
    done = await ended(gate, trial.id)
    assert (done.total, done.done) == (3, 3)
    _, found = await gate.services.trials.trial(trial.id)
    assert [one.push_id for one in found] == pushes[:1:-1]


async def test_a_trial_can_be_cancelled_and_only_one_runs(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = gate.services.trials
    going, go_on = asyncio.Event(), asyncio.Event()
    page = trials._page  # noqa: SLF001 - to stand still in the middle

    async def slowly(last: str | None, size: int) -> list[tuple[str, bytes]]:
        going.set()
        await go_on.wait()
        return await page(last, size)

    monkeypatch.setattr(trials, "_page", slowly)
    await gate.push(title="全新赌局")
    pack_id = await draft(gate, term())
    trial = await trials.start(pack_id, WRITER, 200)
    await going.wait()
    with pytest.raises(Conflict):
        await trials.start(pack_id, WRITER, 200)
    await trials.cancel(trial.id)
    go_on.set()
    assert (await ended(gate, trial.id)).state == "cancelled"
    assert (await trials.cancel(trial.id)).state == "cancelled"
    again = await trials.start(pack_id, WRITER, 200)
    assert (await ended(gate, again.id)).state == "done"
    assert [one.id for one in await trials.of_pack(pack_id)] == [again.id, trial.id]
    with pytest.raises(NotFound):
        await trials.trial("trl_none")


async def test_a_trial_of_a_process_that_ends_is_ended(gate: Gate) -> None:
    trials = gate.services.trials
    await gate.push(title="全新赌局")
    trial = await trials.start(await draft(gate, term()), WRITER, 200)
    await trials.close()
    assert (await trials.trial(trial.id))[0].state in {"cancelled", "done"}


async def test_a_fault_ends_a_trial_with_its_name(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gate.push()
    monkeypatch.setattr(module, "compare", None)
    trial = await gate.services.trials.start(await draft(gate, term()), WRITER, 200)
    done = await ended(gate, trial.id)
    assert (done.state, done.fault) == ("failed", "TypeError")


async def test_a_staged_pack_is_only_a_shadow(gate: Gate) -> None:
    pack = await staged(gate, term(mark=Severity.EXACT))
    await gate.services.watch.refresh()
    await gate.services.packs.loader.turn()
    hit = await gate.push(title="全新赌局速来")
    await gate.push(title="天气晴朗")
    decision = (await gate.dossier(hit)).decision
    assert decision.verdict.value == "hold"
    assert "+pack" not in decision.rule_pack
    shadow = await gate.services.trials.shadow(pack)
    assert shadow is not None
    assert shadow.seen == 2
    assert shadow.summary["gained"] == {"pushes": 1, "refused": 0, "approved": 0}
    (found,) = shadow.differences
    assert (found.push_id, found.verdict_before, found.verdict_after) == (hit, "hold", "block")
    await gate.services.publishing.publish(pack.id, SECOND, "")
    await gate.services.watch.refresh()
    await gate.services.packs.loader.turn()
    blocked = await gate.push(title="全新赌局速来")
    assert (await gate.stored(blocked)).verdict.value == "block"
    after = await gate.services.trials.shadow((await gate.services.authoring.view(pack.id)).pack)
    assert after is not None
    assert len(after.differences) == 1


async def test_a_pack_of_limits_alone_shows_other_findings(gate: Gate) -> None:
    await gate.push()
    pack = await gate.services.authoring.begin(WRITER, "数值", "")
    limit = LimitEntry("push_lifetime_hours", 1, "内部规定")
    await gate.services.authoring.save(pack.id, WRITER, [limit])
    trial = await gate.services.trials.start(pack.id, WRITER, 200)
    done = await ended(gate, trial.id)
    assert done.summary["gained"]["pushes"] == 0
    assert done.summary["rules"] == {"+house-lifetime": 1}
