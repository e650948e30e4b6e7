"""What the desk did, added up on both databases."""

from datetime import datetime, time, timedelta
from typing import Any

from app.clock import BEIJING
from app.domain.decision import RulingVerdict
from app.review.board import Board, BoardReport
from app.review.board_repository import Days
from app.review.ruling_repository import StoredRuling, end_ruling
from app.review.states import Reviewer
from tests.fixtures.gate import LIN, WANG, Gate

REFUSE: dict[str, Any] = {"verdict": RulingVerdict.REFUSE, "clause": "第五条"}
ZHAO = Reviewer("stf_zhao", frozenset())


async def report(gate: Gate, days: int = 0) -> BoardReport:
    """Report on today and so many days before."""
    now = gate.clock.now()
    today = datetime.combine(now.astimezone(BEIJING).date(), time(), BEIJING)
    asked = Days(today - timedelta(days=days), today + timedelta(days=1))
    return await Board(gate.services.db).report(asked, now)


async def test_people_speed_rules_and_missed_deadlines_add_up(still_gate: Gate) -> None:
    gate = still_gate
    assert (await report(gate)).people == ()
    careful = await gate.claim(await gate.push(body="字" * 100))
    gate.wait(60)
    await gate.rule(careful)
    hasty = await gate.claim(await gate.push(body="字" * 100), WANG)
    gate.wait(2)
    await gate.rule(hasty, WANG, **REFUSE)
    undone = await gate.claim(await gate.push())
    given = await gate.rule(undone, **REFUSE)
    assert isinstance(given, StoredRuling)
    now = gate.clock.now()
    await gate.services.db.write(lambda tx: end_ruling(tx, given.ruling.id, now))
    await gate.claim(await gate.push(), ZHAO)

    found = await report(gate)
    lin, wang, zhao = found.people
    assert [one.person for one in found.people] == [LIN.person, WANG.person, ZHAO.person]
    assert (lin.verdicts, lin.median, lin.too_fast) == ({"approve": 1, "refuse": 1}, 0, 1)
    assert (wang.median, wang.timed, wang.too_fast, wang.claims) == (2, 1, 1, 0)
    assert (zhao.ruled, zhao.median, zhao.claims) == (0, None, 1)
    assert (found.ruled, found.timed, found.too_fast) == (3, 3, 2)
    [rule] = [one for one in found.rules if one.rule == "human-review"]
    assert (rule.upheld, rule.overridden, rule.holds) == (1, 1, 2)


async def test_depth_throughput_and_expiry_stand_at_their_time(still_gate: Gate) -> None:
    gate = still_gate
    begin = gate.clock.now().astimezone(BEIJING)
    # To a quarter past, so that hours are easy to tell.
    gate.wait((75 - begin.minute) % 60 * 60 - begin.second)
    first = await gate.push()
    await gate.push(expires_at=gate.clock.now() + timedelta(minutes=90))
    gate.wait(3600)
    await gate.approve(first)
    gate.wait(2 * 3600)
    await gate.release()
    found = await report(gate, days=1)
    steps = [one for one in found.steps if one.depth or one.verdicts or one.expired]
    assert [(one.depth, one.oldest, dict(one.verdicts), one.expired) for one in steps] == [
        (2, 3600, {"approve": 1}, 0),
        (1, 7200, {}, 0),
        (1, 10800, {}, 1),
    ]
    days = await report(gate, days=4)
    assert len(days.steps) == 5
    assert max(one.depth for one in days.steps) == 2
    assert sum(one.expired for one in days.steps) == 1
