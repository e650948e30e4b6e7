"""Rule packs: written by one, published by another, rolled back; on each database."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from app.audit.events import AuditKind
from app.clock import beijing_day
from app.db.session import Tx
from app.domain.decision import Verdict
from app.domain.screening import Severity
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.packs.content import ExemptionEntry, ItemKind, LimitEntry, TermEntry
from app.packs.models import rule_packs
from app.packs.states import PackState
from app.pushes.replay import replay
from app.pushes.stored import facts_from
from app.screening.screener import Screener
from tests.fixtures.gate import Gate
from tests.fixtures.packs import (
    SECOND,
    SHIPPED_TERM,
    WRITER,
    published,
    small_screener,
    staged,
    term,
)


@pytest.fixture(scope="module")
def shipped_screener() -> Screener:
    """Stands for the shipped lists, which take longer to compile."""
    return small_screener()


async def test_a_published_term_is_found_and_stands_in_the_decision(gate: Gate) -> None:
    before = await gate.push(title="这是全新赌局")
    pack = await published(gate, term(mark=Severity.EXACT))
    after = await gate.push(title="这是全新赌局")
    old, new = (await gate.dossier(before)).decision, (await gate.dossier(after)).decision
    assert old.verdict != new.verdict
    active = await gate.services.packs.active()
    assert new.rule_pack == active.version != old.rule_pack
    assert f"+pack.{pack.number}.{pack.digest[7:19]}" in new.rule_pack
    stored = (await gate.dossier(after)).decisions
    facts = facts_from(stored[0].facts)
    assert facts.versions.word_lists == active.screener.word_list_digest
    # Both replay with their own lists, whatever is in force now.
    for one in (*stored, *(await gate.dossier(before)).decisions):
        assert replay(one).same_bytes


async def test_removing_exempting_and_limits(gate: Gate) -> None:
    entries = (
        term(SHIPPED_TERM, list_id="gambling", removed=True),
        term("奇怪词语"),
        ExemptionEntry("奇怪词语学", until=date(2999, 1, 1), reason="学科名"),
        LimitEntry("old_news_days", 7, "内部规定 2026 年第 3 号"),
    )
    await published(gate, *entries)
    active = await gate.services.packs.active()
    day = date(2026, 12, 1)
    texts = (("/title", SHIPPED_TERM), ("/body", "奇怪词语"), ("/topic", "奇怪词语学"))
    hits = active.screener.screen(texts, on=day).hits
    assert [hit.pointer for hit in hits] == ["/body"]
    late = active.screener.screen(texts, on=date(2999, 1, 2)).hits
    assert [hit.pointer for hit in late] == ["/body", "/topic"]
    limit = next(one for one in active.limits if one.name == "old_news_days")
    assert (limit.value, limit.house, limit.source) == (7, True, "内部规定 2026 年第 3 号")


async def test_nobody_approves_or_publishes_what_they_wrote(gate: Gate) -> None:
    authoring, publishing = gate.services.authoring, gate.services.publishing
    draft = await authoring.begin("stf_a", "一", "")
    await authoring.save(draft.id, "stf_b", [term()])
    proposed = await authoring.propose(draft.id, "stf_c", "")
    for author in ("stf_a", "stf_b", "stf_c"):
        with pytest.raises(Forbidden):
            await publishing.approve(draft.id, author, proposed.revision)
    await publishing.approve(draft.id, "stf_d", proposed.revision)
    for author in ("stf_a", "stf_b", "stf_c"):
        with pytest.raises(Forbidden):
            await publishing.publish(draft.id, author, "")
    await publishing.publish(draft.id, "stf_d", "")


@pytest.mark.parametrize("column", ["approved_by", "published_by"])
async def test_the_database_refuses_one_admin_alone(gate: Gate, column: str) -> None:
    pack = await staged(gate, term())

    def alone(tx: Tx) -> None:
        tx.execute(update(rule_packs).where(rule_packs.c.id == pack.id).values({column: WRITER}))

    with pytest.raises(IntegrityError):
        await gate.services.db.write(alone)


async def test_only_what_was_seen_is_approved(gate: Gate) -> None:
    authoring, publishing = gate.services.authoring, gate.services.publishing
    draft = await authoring.begin(WRITER, "一", "")
    with pytest.raises(Conflict):
        await authoring.begin(SECOND, "二", "")
    with pytest.raises(Conflict):
        await authoring.propose(draft.id, WRITER, "")
    first = await authoring.save(draft.id, WRITER, [term()])
    proposed = await authoring.propose(draft.id, WRITER, "")
    with pytest.raises(Conflict):
        await authoring.save(draft.id, WRITER, [term("又一个词")])
    with pytest.raises(Conflict):
        await publishing.publish(draft.id, SECOND, "")
    await publishing.send_back(draft.id, SECOND, "缺少理由")
    await authoring.save(draft.id, WRITER, [term("又一个词")])
    again = await authoring.propose(draft.id, WRITER, "")
    assert again.digest != proposed.digest
    with pytest.raises(Conflict):
        await publishing.approve(draft.id, SECOND, first.revision)
    await publishing.approve(draft.id, SECOND, again.revision)
    await publishing.discard(draft.id, SECOND, "不再需要")
    with pytest.raises(Conflict):
        await publishing.publish(draft.id, SECOND, "")
    with pytest.raises(NotFound):
        await publishing.approve("pck_none", SECOND, 1)


async def test_a_rollback_brings_back_what_was_and_is_final(gate: Gate) -> None:
    publishing = gate.services.publishing
    shipped = (await gate.services.packs.active()).version
    with pytest.raises(Conflict):
        await publishing.roll_back(WRITER, "无")
    first = await published(gate, term())
    one = (await gate.services.packs.active()).version
    second = await published(gate, term("又一个词"))
    assert {
        item.text for item in (await gate.services.authoring.view(second.id)).content.terms
    } == {
        "全新赌局",
        "又一个词",
    }
    back = await publishing.roll_back(WRITER, "误伤")
    assert back is not None
    assert (back.id, back.state) == (first.id, PackState.ACTIVE)
    await gate.services.watch.refresh()
    assert (await gate.services.packs.active()).version == one
    with pytest.raises(Conflict):
        await publishing.roll_back(WRITER, "再撤")
    states = {pack.id: pack.state for pack in (await publishing.overview()).packs}
    assert states == {first.id: PackState.ACTIVE, second.id: PackState.ROLLED_BACK}
    third = await published(gate, term("第三个词"))
    assert (await publishing.roll_back(WRITER, "再次")) is not None
    assert third.number == 3
    assert shipped != one


async def test_rolling_back_the_first_pack_leaves_the_shipped_lists(gate: Gate) -> None:
    shipped = await gate.services.packs.active()
    await published(gate, term())
    assert await gate.services.publishing.roll_back(WRITER, "误伤") is None
    await gate.services.watch.refresh()
    assert (await gate.services.packs.active()).version == shipped.version


async def test_an_exact_term_blocks_in_a_report_and_an_exemption_is_the_way_out(gate: Gate) -> None:
    title, body = "警方通报：一“全新赌局”团伙落网", "警方提醒，切勿参与赌博，发现线索请举报。"
    await published(gate, term(mark=Severity.EXACT))
    told = await gate.push(title=title, body=body)
    assert (await gate.dossier(told)).decision.verdict is Verdict.BLOCK
    phrase = ExemptionEntry("“全新赌局”团伙", until=date(2999, 1, 1), reason="警方通报的案名")
    await published(gate, phrase)
    again = await gate.push(title=title, body=body)
    assert (await gate.dossier(again)).decision.verdict is Verdict.HOLD
    offer = await gate.push(title="全新赌局，今晚开盘", body="老板娘陪玩。")
    assert (await gate.dossier(offer)).decision.verdict is Verdict.BLOCK


async def test_a_number_counts_from_the_day_that_last_changed_it(gate: Gate) -> None:
    packs = gate.services.packs
    shipped = await packs.numbers()
    assert set(shipped.since) == {limit.name for limit in shipped.limits}
    today = beijing_day(gate.clock.now())
    await published(gate, LimitEntry("old_news_days", 7, "内部规定"))
    now = await packs.numbers()
    assert next(one.value for one in now.limits if one.name == "old_news_days") == 7
    assert now.since == {**shipped.since, "old_news_days": today}
    assert now.rule_pack == (await packs.active()).version


async def test_what_came_into_force_meanwhile_has_to_be_looked_at(gate: Gate) -> None:
    first = await published(gate, term())
    second = await staged(gate, term("又一个词"))
    await gate.services.publishing.roll_back(SECOND, "误伤")
    with pytest.raises(Conflict) as refused:
        await gate.services.publishing.publish(second.id, SECOND, "")
    assert refused.value.code == "approved_over_another"
    assert first.number == 1


async def test_two_that_publish_at_once_publish_once(gate: Gate) -> None:
    pack = await staged(gate, term())
    other = (await gate.process()).services.publishing
    results = await asyncio.gather(
        *(
            one.publish(pack.id, SECOND, "")
            for _ in range(3)
            for one in (gate.services.publishing, other)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert {type(one) for one in results if isinstance(one, BaseException)} == {Conflict}


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        (term(must_hit=("毫不相干",)), "/must_hit"),
        (term(must_pass=("这是全新赌局",)), "/must_pass"),
        (term("a"), "/text"),
        (term(exceptions=("没有它",)), "/text"),
    ],
)
async def test_failing_examples_and_dead_terms_are_not_proposed(
    gate: Gate, entry: object, pointer: str
) -> None:
    draft = await gate.services.authoring.begin(WRITER, "一", "")
    await gate.services.authoring.save(draft.id, WRITER, [entry])  # type: ignore[list-item]
    with pytest.raises(Invalid) as refused:
        await gate.services.authoring.propose(draft.id, WRITER, "")
    assert {problem.pointer for problem in refused.value.problems} == {pointer}


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        (term(list_id="nowhere"), "/list"),
        (term(reason=""), "/reason"),
        (term("长" * 101), "/text"),
        (term("有\t制表"), "/text"),
        (term(must_hit=("x",) * 21), "/must_hit"),
        (ExemptionEntry("短语", until=date(2020, 1, 1), reason="r"), "/until"),
        (ExemptionEntry("并非自带", reason="r", lifted=True), "/phrase"),
        (LimitEntry("old_news_days", 0, "s"), "/value"),
        (LimitEntry("old_news_days", 7, " "), "/source"),
        (LimitEntry("no_such_limit", 7, "s"), "/name"),
    ],
)
async def test_entries_out_of_bounds_are_refused(gate: Gate, entry: object, pointer: str) -> None:
    draft = await gate.services.authoring.begin(WRITER, "一", "")
    with pytest.raises(Invalid) as refused:
        await gate.services.authoring.save(draft.id, WRITER, [entry])  # type: ignore[list-item]
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


async def test_what_says_nothing_new_is_not_kept(gate: Gate) -> None:
    same = TermEntry.of(gate.services.screener.lexicon.terms[0])
    draft = await gate.services.authoring.begin(WRITER, "一", "")
    await gate.services.authoring.save(draft.id, WRITER, [term(), same])
    assert len((await gate.services.authoring.view(draft.id)).content.terms) == 1
    key = (ItemKind.TERM, "fraud", "全新赌局")
    await gate.services.authoring.drop(draft.id, WRITER, key)
    assert (await gate.services.authoring.view(draft.id)).content.items == ()


async def test_every_step_is_in_the_ledger(gate: Gate) -> None:
    pack = await published(gate, term())
    await gate.services.publishing.roll_back(WRITER, "误伤")

    def kinds(tx: Tx) -> list[str]:
        query = text("SELECT kind FROM audit_entries WHERE subject = :id ORDER BY id")
        return list(tx.execute(query, {"id": pack.id}).scalars())

    assert await gate.services.db.read(kinds) == [
        AuditKind.RULE_PACK_BEGUN,
        AuditKind.RULE_PACK_EDITED,
        AuditKind.RULE_PACK_PROPOSED,
        AuditKind.RULE_PACK_STAGED,
        AuditKind.RULE_PACK_ACTIVATED,
        AuditKind.RULE_PACK_ROLLED_BACK,
    ]
