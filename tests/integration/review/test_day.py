"""One's own day, counted on both databases: work, breaks, what was hard to see, and prompts."""

import pytest

from app.domain.decision import RulingVerdict
from app.errors import Invalid
from app.review.day import SEVERE, Prompt
from app.review.day_repository import Habits
from app.review.models import tickets
from tests.fixtures.gate import LIN, WANG, Gate

ME = LIN.staff_id


async def work(gate: Gate, minutes: int, *, severe: bool = False) -> None:
    """Rule on a ticket every five minutes for so long."""
    for _ in range(minutes // 5):
        ticket = await gate.claim(await gate.push())
        if severe:
            await hold_for(gate, ticket.id, min(SEVERE))
        gate.wait(290)
        ticket = await gate.claim(ticket.push_id)
        await gate.rule(ticket, verdict=RulingVerdict.REFUSE, clause="第五条")
        gate.wait(10)


async def hold_for(gate: Gate, ticket_id: str, rule: str) -> None:
    """Let a rule hold a ticket, as if it had found something."""
    change = tickets.update().where(tickets.c.id == ticket_id)
    await gate.services.db.write(lambda tx: tx.execute(change.values(holds=[rule])).rowcount)


def go_to_morning(gate: Gate) -> None:
    """Go on to nine in Beijing, since midnight there begins another day."""
    gate.wait((25 - gate.clock.now().hour) % 24 * 3600)


async def test_a_day_adds_up_and_asks_for_a_pause(still_gate: Gate) -> None:
    gate, days = still_gate, still_gate.services.review.days
    go_to_morning(gate)
    assert (await days.today(ME)).since is None
    assert await days.prompt(ME) == Prompt()
    await days.set_habits(ME, Habits(break_after=25, most_severe=2))
    await work(gate, 25)
    await work(gate, 10, severe=True)
    day = await days.today(ME)
    assert (day.done.verdicts, day.median) == ({"refuse": 7}, 0)
    assert (day.severe, day.breaks) == (2, ())
    # The claim of the first ticket lapsed; it was begun anew just before the ruling.
    assert await days.prompt(ME) == Prompt(minutes=30, severe=2)
    assert await days.prompt(WANG.staff_id) == Prompt()
    await days.set_habits(ME, Habits(break_after=0, most_severe=0))
    assert await days.prompt(ME) == Prompt()


async def test_a_break_is_told_begun_and_ended_once(still_gate: Gate) -> None:
    gate, days = still_gate, still_gate.services.review.days
    go_to_morning(gate)
    await days.set_habits(ME, Habits(break_after=25))
    await work(gate, 40)
    assert (await days.prompt(ME)).minutes == 35
    assert await days.begin_break(ME)
    assert not await days.begin_break(ME)
    begun = gate.clock.now()
    assert await days.prompt(ME) == Prompt(on_break=begun)
    gate.wait(900)
    assert await days.end_break(ME)
    assert not await days.end_break(ME)
    assert await days.prompt(ME) == Prompt()
    await work(gate, 10)
    assert await days.prompt(ME) == Prompt()
    [told] = (await days.today(ME)).breaks
    assert (told.began_at, told.was_told) == (begun, True)


async def test_wishes_are_kept_and_numbers_nobody_can_choose_are_refused(gate: Gate) -> None:
    days = gate.services.review.days
    assert (await days.today(ME)).habits == Habits()
    await days.switch(ME, "grey")
    await days.switch(ME, "blur")
    await days.switch(ME, "grey")
    assert (await days.today(ME)).habits == Habits(blur=True)
    for wrong in (Habits(break_after=7), Habits(most_severe=-1), Habits(most_severe=501)):
        with pytest.raises(Invalid):
            await days.set_habits(ME, wrong)
    assert (await days.today(WANG.staff_id)).habits == Habits()
