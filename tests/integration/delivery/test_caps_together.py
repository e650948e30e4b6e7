"""Caps that count all recipients together: blocks of them, what is left over, and what is lost."""

from collections import Counter
from datetime import timedelta

import pytest

from app.delivery.attempts import Attempts
from app.delivery.channel import Handed, HandOver
from app.delivery.outcomes import Outcome
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Covers, Mode, Over, Per, Rolling
from app.domain.push import ContentKind
from app.domain.state import PushState
from app.errors import CountersUnavailable
from app.frequency.blocks import Block
from app.frequency.keys import block_place
from app.frequency.ledger import GrantedBlock
from app.frequency.windows import Scope, open_window
from tests.fixtures.dispatching import Crash, Crashing, Recorder, crash, dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.turns import OneTurn
from tests.fixtures.valkey import flush

EVERYTHING = Cap("all", 900, A_DAY, source="house")
TOKENS = tuple(f"r_{number}" for number in range(8))
SURFACE = Cap("surface", 10, A_DAY, per=(Per.SURFACE,), source="house")


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    await still_gate.register(*TOKENS)
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (EVERYTHING, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def send(gate: Gate, *tokens: str, hours: int = 6) -> str:
    expires_at = gate.clock.now() + timedelta(hours=hours)
    push_id = await gate.released(*(tokens or TOKENS), expires_at=expires_at)
    await gate.dispatch()
    await settle(gate)
    return push_id


async def settle(gate: Gate) -> None:
    """Let those ask again who lacked only what other batches had reserved and did not use."""
    for _ in range(2):
        gate.wait(2)
        await gate.dispatch()


async def met(gate: Gate, push_id: str) -> dict[str, int]:
    return dict(Counter(await gate.outcomes(push_id)))


async def left_out(gate: Gate, push_id: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in await gate.rows(push_id):
        found.update(row.left_out)
    return found


async def used(gate: Gate, cap: Cap, surface: str = "") -> int:
    scope = Scope(gate.provider_id, "general", None, surface or gate.surface_id)
    window = open_window(cap, gate.clock.now(), "Asia/Shanghai", scope)
    assert window is not None
    return (await gate.services.counters.use_blocks([window]))[0].used


async def test_a_surface_has_no_more_popups_than_its_cap_whoever_gets_them(gate: Gate) -> None:
    await publish(gate, SURFACE)
    first, second = await send(gate), await send(gate)
    assert await met(gate, first) == {"a": 8}
    assert await met(gate, second) == {"a": 2, "c": 6}
    assert await left_out(gate, second) == {"surface": 6}
    third = await send(gate)
    assert await met(gate, third) == {"c": 8}
    assert await used(gate, SURFACE) == 10
    await gate.release()
    assert await gate.state(third) is PushState.RELEASED
    gate.wait(timedelta(days=1).total_seconds())
    assert await met(gate, await send(gate)) == {"a": 8}


async def test_what_other_caps_leave_out_is_given_back(gate: Gate) -> None:
    own = Cap("own", 1, A_DAY, Covers(kinds=(ContentKind.GENERAL,)), source="house")
    await publish(gate, SURFACE, own)
    await send(gate, *TOKENS[:5])
    assert await used(gate, SURFACE) == 5
    second = await send(gate)
    assert await met(gate, second) == {"a": 3, "c": 5}
    assert await left_out(gate, second) == {"own": 5}
    assert await used(gate, SURFACE) == 8


async def test_who_lacks_only_what_another_batch_may_not_use_asks_again(gate: Gate) -> None:
    await publish(gate, Cap("one", 1, A_DAY, per=(Per.SURFACE,), source="house"))
    waiting = await gate.released("r_1")
    scope = Scope(gate.provider_id, "general", None, gate.surface_id)
    cap = Cap("one", 1, A_DAY, per=(Per.SURFACE,), source="house")
    window = open_window(cap, gate.clock.now(), "Asia/Shanghai", scope)
    assert window is not None
    bucket, _ = block_place("one", window.subject or "")
    ledger = gate.services.dispatcher._ledger  # noqa: SLF001 - another batch of this process
    expires_at = gate.clock.now() + timedelta(seconds=60)
    other = await ledger.grant_block(Block("blk_other", bucket, (window,), 1, expires_at))
    assert isinstance(other, GrantedBlock)
    await gate.dispatch()
    assert await met(gate, waiting) == {"w": 1}
    await ledger.start_block(other, 0)
    gate.wait(2)
    await gate.dispatch()
    assert await met(gate, waiting) == {"a": 1}


async def test_counts_are_kept_by_provider_topic_and_kind_and_for_all(gate: Gate) -> None:
    caps = [
        Cap("provider", 30, A_DAY, per=(Per.PROVIDER,), source="house"),
        Cap("topic", 20, A_DAY, per=(Per.SURFACE, Per.TOPIC), source="house"),
        Cap("kind", 25, Rolling(86_400), per=(Per.KIND,), source="house"),
        Cap("total", 11, Calendar(CalendarUnit.WEEK, "Asia/Shanghai"), per=(), source="house"),
    ]
    await publish(gate, *caps)
    await send(gate)
    second = await send(gate)
    assert await left_out(gate, second) == {"total": 5}
    assert [await used(gate, cap) for cap in caps] == [11, 11, 11, 11]


async def test_who_is_deferred_waits_for_the_next_day_of_the_surface(gate: Gate) -> None:
    await publish(gate, Cap("surface", 5, A_DAY, per=(Per.SURFACE,), over=Over.DEFER, source="h"))
    push_id = await send(gate, hours=48)
    assert await met(gate, push_id) == {"a": 5, "w": 3}
    waiting = [row.next_at for row in await gate.rows(push_id) if row.state == "pending"]
    gate.wait((max(waiting) - gate.clock.now()).total_seconds() + 1)
    for _ in range(2):
        await gate.release()
        gate.wait(1)
        await gate.dispatch()
    assert await met(gate, push_id) == {"a": 8}


async def test_a_shadow_cap_only_counts_whom_it_would_have_stopped(gate: Gate) -> None:
    await publish(gate, Cap("trial", 3, A_DAY, per=(Per.SURFACE,), mode=Mode.SHADOW, source="h"))
    push_id = await send(gate)
    assert await met(gate, push_id) == {"a": 8}
    shadowed: Counter[str] = Counter()
    for row in await gate.rows(push_id):
        shadowed.update(row.shadowed)
    assert shadowed == {"trial": 5}


async def test_a_hand_over_that_reached_nobody_gives_its_block_back(gate: Gate) -> None:
    class Refusing(Recorder):
        async def send(self, hand_over: HandOver) -> Handed:
            return Handed(dict.fromkeys(hand_over.recipients, Outcome.WAITING), "not now")

    await publish(gate, SURFACE)
    await gate.released(*TOKENS)
    await dispatcher(gate, Refusing()).run(OneTurn())
    assert await used(gate, SURFACE) == 0

    class Partly(Recorder):
        async def send(self, hand_over: HandOver) -> Handed:
            outcomes = dict.fromkeys(hand_over.recipients, Outcome.STARTED)
            return Handed(outcomes, "no answer")

    gate.wait(60)
    await gate.services.watch.refresh()
    await dispatcher(gate, Partly(), owner="dsp_other").run(OneTurn())
    assert await used(gate, SURFACE) == 8
    gate.wait(60)
    await gate.services.watch.refresh()
    # The receiver says at last that it got none of them.
    await dispatcher(gate, Refusing(), owner="dsp_third").run(OneTurn())
    assert await used(gate, SURFACE) == 0


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("reserve_block", "after"),
        ("start", "after"),
        ("start_block", "after"),
    ],
)
async def test_a_worker_that_dies_at_any_step_never_lets_more_out(
    gate: Gate, step: str, when: str
) -> None:
    await publish(gate, SURFACE)
    await gate.released(*TOKENS)
    channel = Recorder()
    dying = dispatcher(gate, channel, Crashing(gate.services.counters, step, when), "dsp_dying")
    await crash(gate, dying)
    assert channel.handed == []
    pushes = [await gate.released(*TOKENS) for _ in range(3)]
    for _ in range(4):
        gate.wait(32)
        await gate.dispatch()
    assert pushes
    shown = sum([len(await gate.inbox(token)) for token in TOKENS])
    # What was started by those that died stays used; everything else has expired.
    assert shown <= 10
    assert shown == 10 or step != "reserve_block"
    assert await used(gate, SURFACE) <= 10


async def test_a_worker_that_dies_after_the_call_keeps_what_it_used(gate: Gate) -> None:
    await publish(gate, SURFACE)
    await gate.released(*TOKENS)

    class Deadly(Recorder):
        async def send(self, hand_over: HandOver) -> Handed:
            await super().send(hand_over)
            raise Crash

    channel = Deadly()
    await crash(gate, dispatcher(gate, channel, owner="dsp_dying"))
    flush(gate.counters_url)
    assert sum(len(one.recipients) for one in channel.handed) == 8
    second = await send(gate)
    assert await met(gate, second) == {"a": 2, "c": 6}


async def test_lost_blocks_are_counted_again_from_the_rows(gate: Gate) -> None:
    await publish(gate, SURFACE)
    await send(gate, *TOKENS[:6])
    flush(gate.counters_url)
    second = await send(gate)
    assert await met(gate, second) == {"a": 4, "c": 4}
    flush(gate.counters_url)
    assert await met(gate, await send(gate)) == {"c": 8}
    assert await used(gate, SURFACE) == 10


async def test_a_block_that_was_lost_between_grant_and_start_is_not_sent(gate: Gate) -> None:
    await publish(gate, SURFACE)
    push_id = await gate.released(*TOKENS)
    channel = Recorder()

    class Losing:
        def __getattr__(self, name: str) -> object:
            return getattr(gate.services.counters, name)

        async def start_block(self, *args: object) -> bool:
            flush(gate.counters_url)
            return await gate.services.counters.start_block(*args)  # type: ignore[arg-type]

    await dispatcher(gate, channel, Losing()).run(OneTurn())
    assert channel.handed == []
    assert await met(gate, push_id) == {"w": 8}
    gate.wait(2)
    await gate.dispatch()
    assert await met(gate, push_id) == {"a": 8}


async def test_a_block_restored_before_the_attempt_began_is_not_relied_on(gate: Gate) -> None:
    """One dispatcher has its block started and stands still; another finds the bucket empty."""
    await publish(gate, SURFACE)
    first = await gate.released(*TOKENS)
    other = await gate.process()
    channel = Recorder()
    pushes: list[str] = []

    class Standing:
        def __init__(self, inner: Attempts) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        async def start(self, *args: object) -> object:
            if not pushes:
                flush(gate.counters_url)
                pushes.append(await gate.released(*TOKENS))
                await other.dispatch()
            return await self.inner.start(*args)  # type: ignore[arg-type]

    services = gate.services
    attempts = Attempts(
        db=services.db,
        clock=services.clock,
        watch=services.watch,
        keyring=services.keyring,
        store=services.counters,
        owner="dsp_slow",
    )
    slow = dispatcher(gate, channel, owner="dsp_slow", attempts=Standing(attempts))
    await services.watch.refresh()
    claimed = await slow._claim(gate.clock.now())  # noqa: SLF001 - one turn, row by row
    for row in claimed:
        await slow._carry_safely(row)  # noqa: SLF001 - see above
    for _ in range(4):
        gate.wait(2)
        await gate.dispatch()
    handed = sum(len(one.recipients) for one in channel.handed)
    shown = sum([len(await gate.inbox(token)) for token in TOKENS])
    assert handed + shown == 10
    total = await met(gate, first), await met(gate, pushes[0])
    assert sum(one.get("a", 0) for one in total) == 10


class Down:
    """Counters of which one call fails."""

    def __init__(self, inner: object, step: str) -> None:
        self._inner = inner
        self._step = step

    def __getattr__(self, name: str) -> object:
        return self._fail if name == self._step else getattr(self._inner, name)

    async def _fail(self, *_: object) -> None:
        raise CountersUnavailable


async def test_counters_that_are_down_let_nothing_out(gate: Gate) -> None:
    await publish(gate, SURFACE)
    push_id = await gate.released(*TOKENS)
    channel = Recorder()
    for step in ("reserve_block", "reserve", "start_block"):
        down = Down(gate.services.counters, step)
        await dispatcher(gate, channel, down, f"dsp_{step}").run(OneTurn())
        gate.wait(40)
    assert channel.handed == []
    await gate.dispatch()
    assert await met(gate, push_id) == {"a": 8}
    assert await used(gate, SURFACE) == 8
