"""The parity report over what really went out: equal treatment, unequal, and nothing kept."""

from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.models import audit_entries
from app.commands.parity import told
from app.db.base import metadata
from app.db.session import Tx
from app.domain.policy import A_DAY, Cap
from app.errors import Invalid
from app.frequency.keys import bucket_of, qualified
from app.providers.register import Surface
from app.reports.parity import Measured, Parity, ParityReport
from tests.fixtures.gate import Gate

AUDITOR = Actor(ActorKind.STAFF, "stf_audit")
TODAY = date(2026, 11, 21)


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    """It is 10:00 in Beijing on a day of which nobody may see more than two popups."""
    draft = await still_gate.services.policies.propose(
        "stf_a", (Cap("two", 2, A_DAY, source="house"),), "测试"
    )
    await still_gate.services.policies.approve(draft.id, "stf_b")
    await still_gate.register(*members(still_gate), *ordinary(still_gate))
    return still_gate


def people(gate: Gate, group: str) -> list[str]:
    """Return forty tokens of a group, few batches of them."""
    tokens = (f"r_{group}{at}" for at in range(5_000))
    near = (one for one in tokens if bucket_of(qualified(gate.surface_id, one)) < 2)
    return list(islice(near, 40))


def members(gate: Gate) -> list[str]:
    return people(gate, "member")


def ordinary(gate: Gate) -> list[str]:
    return people(gate, "ordinary")


def roll(gate: Gate) -> list[bytes]:
    return [
        f"{token},{group}".encode()
        for group in ("member", "ordinary")
        for token in people(gate, group)
    ]


async def surface(gate: Gate) -> Surface:
    found = (await gate.services.register.current()).surface(gate.surface_id)
    assert found is not None
    return found


async def send(gate: Gate, *tokens: str) -> None:
    await gate.released(*tokens)
    await gate.dispatch()


async def compared(
    gate: Gate, lines: list[bytes] | None = None, first: date = TODAY
) -> ParityReport:
    parity = Parity(gate.services.db, gate.services.clock)
    rows = roll(gate) if lines is None else lines
    return await parity.compare(AUDITOR, await surface(gate), first, TODAY, rows)


def said(report: ParityReport) -> dict[str, tuple[tuple[int, ...], str]]:
    return {one.name: (one.totals, one.verdict) for one in report.measures}


async def test_who_is_sent_the_same_is_told_apart_by_nothing(gate: Gate) -> None:
    await send(gate, *members(gate), *ordinary(gate))
    report = await compared(gate)
    assert (report.groups, report.sizes) == (("member", "ordinary"), (40, 40))
    assert said(report) == {
        "addressed": ((40, 40), "alike"),
        "got": ((40, 40), "alike"),
        "news": ((0, 0), "too_few"),
        "advertisement": ((0, 0), "too_few"),
        "general": ((40, 40), "alike"),
        "capped": ((0, 0), "too_few"),
    }
    assert not report.differs
    assert told(report)[-1] == "未发现差异 · no difference found"


async def test_a_sender_that_spares_members_is_found_out(gate: Gate) -> None:
    await send(gate, *members(gate), *ordinary(gate))
    await send(gate, *ordinary(gate))
    await send(gate, *ordinary(gate))
    report = await compared(gate)
    found = said(report)
    assert found["addressed"] == ((40, 120), "differs")
    assert found["got"] == ((40, 80), "differs")
    assert found["capped"] == ((0, 40), "differs")
    assert all(one.p is not None and one.p < 1e-6 for one in report.measures if one.totals[1] > 40)
    # On other days nobody got anything.
    before = await compared(gate, first=TODAY - timedelta(days=1))
    assert said(before) == found
    gate.wait(86_400)
    parity = Parity(gate.services.db, gate.services.clock)
    later = TODAY + timedelta(days=1)
    after = await parity.compare(AUDITOR, await surface(gate), later, later, roll(gate))
    assert {one.verdict for one in after.measures} == {"too_few"}


async def everything(gate: Gate) -> str:
    """Return the whole database as text."""

    def read(tx: Tx) -> str:
        return str([[tuple(row) for row in tx.execute(select(t))] for t in metadata.sorted_tables])

    return await gate.services.db.read(read)


async def test_the_ledger_keeps_sums_and_who_asked_and_nothing_of_anybody(gate: Gate) -> None:
    await send(gate, *members(gate), *ordinary(gate))
    strangers = [f"x_{at},secret-group".encode() for at in range(30)]
    await compared(gate, roll(gate) + strangers)

    def read(tx: Tx) -> list[Any]:
        kind = AuditKind.PARITY_COMPARED.value
        return list(tx.execute(select(audit_entries).where(audit_entries.c.kind == kind)))

    [entry] = await gate.services.db.read(read)
    assert AUDITOR.id in str(entry)
    assert "r_member" not in str(entry.body)
    assert "secret-group" in str(entry.body)
    whole = await everything(gate)
    assert "x_1" not in whole


async def test_bad_lines_and_days_are_named_and_nothing_is_compared(gate: Gate) -> None:
    bad = [b"only one column"] * 25
    with pytest.raises(Invalid) as caught:
        await compared(gate, bad + roll(gate))
    problems = caught.value.problems
    assert problems[0].message.zh == "第 1 行：须恰好有两列：令牌、分组"
    assert problems[19].message.en.startswith("Line 20: ")
    assert problems[20].message.en == "5 more lines are wrong"
    for first in (TODAY + timedelta(days=1), TODAY - timedelta(days=92), date(1, 1, 1)):
        with pytest.raises(Invalid):
            await compared(gate, first=first)
    parity = Parity(gate.services.db, gate.services.clock)
    with pytest.raises(Invalid):
        await parity.compare(AUDITOR, await surface(gate), TODAY, date.max, roll(gate))

    def read(tx: Tx) -> int:
        kind = AuditKind.PARITY_COMPARED.value
        return len(list(tx.execute(select(audit_entries).where(audit_entries.c.kind == kind))))

    assert await gate.services.db.read(read) == 0


def test_the_command_says_it_in_plain_words() -> None:
    report = ParityReport(
        "srf_a", TODAY, TODAY, ("a", "b"), (50, 100),
        (
            Measured("got", (50, 150), 0.00001, "differs"),
            Measured("news", (25, 50), 0.5, "alike"),
            Measured("capped", (0, 1), None, "too_few"),
        ),
    )  # fmt: skip
    text = told(report)
    assert "a 50 (100.0 / 100) · b 150 (150.0 / 100): 有差异 differs, p < 0.001" in text[1]
    assert text[2].endswith("未发现差异 no difference found, p = 0.500")
    assert text[3].endswith("too few to tell")
    assert text[4] == "至少一项有差异 · at least one thing differs"
