"""The operator's rules: drafted together, approved by another, restored, on each database."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from app.db.session import Database, Tx
from app.db.versions import VersionWatch
from app.domain.decision import Topic, Verdict
from app.domain.operator import OperatorMode, OperatorRule
from app.errors import Conflict, Forbidden, GatewayError, Invalid, NotFound
from app.packs.models import operator_rule_sets
from app.packs.operator_repository import RuleSetVersion
from app.packs.operator_rules import MOST_RULES, OperatorRules
from tests.fixtures.clock import ManualClock
from tests.fixtures.database import Ledger

RULE = OperatorRule(
    "operator-night", "深夜不推", "Nothing at night", "hour < 6", Topic.FREQUENCY, Verdict.HOLD,
    OperatorMode.ENFORCE, "内部规定", "深夜推送。", "At night.", "白天再推。", "By day.",
)  # fmt: skip
FIRST, SECOND, THIRD = "stf_one", "stf_two", "stf_three"


class Desk:
    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.watch = VersionWatch(db, clock)
        self.rules = OperatorRules(db, self.watch, clock)

    async def active(self) -> tuple[str, ...]:
        await self.watch.refresh()
        return tuple(rule.id for rule in (await self.rules.active()).rules)

    async def version(self, state: str) -> RuleSetVersion:
        return next(one for one in await self.rules.versions() if one.state == state)


@pytest.fixture
def desk(db: Database, clock: ManualClock) -> Desk:
    return Desk(db, clock)


async def test_what_one_drafts_another_puts_in_force(desk: Desk, db: Database) -> None:
    assert await desk.active() == ()
    await desk.rules.save(FIRST, RULE, "夜里少打扰")
    draft = await desk.version("draft")
    with pytest.raises(Forbidden):
        await desk.rules.approve(draft.id, FIRST)
    assert await desk.active() == ()
    await desk.rules.approve(draft.id, SECOND)
    assert await desk.active() == (RULE.id,)
    assert (await desk.rules.active()).version == f"1@{draft.id}"
    kinds = await Ledger(db).kinds(draft.id)
    assert kinds == ["operator_rules_proposed", "operator_rules_published"]
    with pytest.raises(Conflict):
        await desk.rules.approve(draft.id, THIRD)


async def test_nobody_who_worked_on_the_draft_approves_it(desk: Desk) -> None:
    await desk.rules.save(FIRST, RULE, "一")
    await desk.rules.save(SECOND, replace(RULE, id="operator-b"), "二")
    await desk.rules.save(FIRST, replace(RULE, condition="hour < 5"), "三")
    draft = await desk.version("draft")
    assert draft.editors == (FIRST, SECOND)
    assert [rule.condition for rule in draft.rules] == ["hour < 5", "hour < 6"]
    for staff in (FIRST, SECOND):
        with pytest.raises(Forbidden):
            await desk.rules.approve(draft.id, staff)
    await desk.rules.approve(draft.id, THIRD)
    assert await desk.active() == (RULE.id, "operator-b")


async def test_a_rule_is_removed_through_a_draft_and_restored_at_once(
    desk: Desk, db: Database
) -> None:
    await desk.rules.save(FIRST, RULE, "一")
    first = await desk.version("draft")
    await desk.rules.approve(first.id, SECOND)
    await desk.rules.remove(SECOND, RULE.id, "不再需要")
    with pytest.raises(NotFound):
        await desk.rules.remove(SECOND, RULE.id, "又一次")
    gone = await desk.version("draft")
    await desk.rules.approve(gone.id, FIRST)
    assert await desk.active() == ()
    await desk.rules.roll_back(first.id, SECOND, "撤错了")
    assert await desk.active() == (RULE.id,)
    back = await desk.version("active")
    assert (back.proposed_by, back.approved_by) == (SECOND, FIRST)
    with pytest.raises(Conflict):
        await desk.rules.roll_back(gone.id, FIRST, "再撤回")
    [row] = await Ledger(db).rows(back.id)
    assert row.kind == "operator_rules_published"


async def test_only_what_was_in_force_comes_back(desk: Desk) -> None:
    await desk.rules.save(FIRST, RULE, "一")
    draft = await desk.version("draft")
    with pytest.raises(Conflict):
        await desk.rules.roll_back(draft.id, SECOND, "急")
    await desk.rules.discard(draft.id, SECOND)
    with pytest.raises(Conflict):
        await desk.rules.roll_back(draft.id, SECOND, "急")
    for call in (
        desk.rules.roll_back("ors_none", FIRST, "急"),
        desk.rules.approve("ors_none", FIRST),
        desk.rules.discard("ors_none", FIRST),
    ):
        with pytest.raises(NotFound):
            await call


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": "night"}, "/id"),
        ({"id": "operator-Ä"}, "/id"),
        ({"condition": "hour < "}, "/condition"),
        ({"verdict": Verdict.ALLOW}, "/verdict"),
        ({"verdict": Verdict.BLOCK, "condition": 'hits("fraud") > 0'}, "/verdict"),
        ({"title_zh": " "}, "/title_zh"),
        ({"title_zh": "长" * 61}, "/title_zh"),
        ({"message_en": "a\u200bb"}, "/message_en"),
        ({"basis": ""}, "/basis"),
    ],
)
async def test_a_rule_with_a_fault_is_refused_at_its_field(
    desk: Desk, changes: dict[str, object], pointer: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await desk.rules.save(FIRST, replace(RULE, **changes), "理由")  # type: ignore[arg-type]
    assert [problem.pointer for problem in caught.value.problems] == [pointer]
    assert await desk.rules.versions() == []


async def test_every_fault_is_named_at_once(desk: Desk) -> None:
    bad = replace(RULE, id="x", condition="", basis="", fix_zh="")
    with pytest.raises(Invalid) as caught:
        await desk.rules.save(FIRST, bad, "理由")
    assert len(caught.value.problems) == 4


async def test_a_change_needs_a_reason_and_there_is_an_end_to_rules(desk: Desk) -> None:
    for reason in ("", "长" * 2001, "\0"):
        with pytest.raises(Invalid):
            await desk.rules.save(FIRST, RULE, reason)
    for number in range(MOST_RULES):
        await desk.rules.save(FIRST, replace(RULE, id=f"operator-{number}"), "多")
    with pytest.raises(GatewayError):
        await desk.rules.save(FIRST, RULE, "太多")


async def test_the_database_refuses_an_approver_who_proposed_and_two_in_force(
    desk: Desk, db: Database
) -> None:
    await desk.rules.save(FIRST, RULE, "一")
    draft = await desk.version("draft")

    def cheat(tx: Tx) -> None:
        tx.execute(operator_rule_sets.update().values(approved_by=FIRST))

    with pytest.raises(IntegrityError):
        await db.write(cheat)
    await desk.rules.approve(draft.id, SECOND)
    await desk.rules.save(FIRST, replace(RULE, id="operator-b"), "二")

    def both(tx: Tx) -> None:
        tx.execute(operator_rule_sets.update().values(state="active"))

    with pytest.raises(IntegrityError):
        await db.write(both)
