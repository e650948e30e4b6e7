"""Random blocks against a naive reference that keeps every block it ever gave."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Gap, Mode, Per, Rolling, Window
from app.frequency import keys
from app.frequency.blocks import Block, BlockRecord, Taken
from app.frequency.cap_window import CapWindow
from app.frequency.redis_store import connect
from app.frequency.store import BucketClosed, Counted, Lapsed
from app.frequency.windows import Scope, open_window
from tests.fixtures.clock import START, ManualClock
from tests.fixtures.frequency import Counting
from tests.fixtures.valkey import flush

ZONE = "America/New_York"
SCOPE = Scope("prv_a", "news", None, "srf_a")
STARTS = (START, datetime.fromisoformat("2026-11-01T03:00:00+00:00"))
WINDOWS: dict[str, tuple[int, Window, Mode]] = {
    "day": (40, A_DAY, Mode.ENFORCE),
    "week": (90, Calendar(CalendarUnit.WEEK), Mode.ENFORCE),
    "span": (30, Rolling(7200), Mode.ENFORCE),
    "gap": (1, Gap(1800), Mode.ENFORCE),
    "trial": (20, A_DAY, Mode.SHADOW),
}


def _caps() -> dict[str, Cap]:
    """Caps that are all counted in one bucket, so that a block can be of several."""
    found = {}
    for name, (limit, window, mode) in WINDOWS.items():
        for number in range(1_000):
            cap = Cap(f"{name}-{number}", limit, window, per=(Per.SURFACE,), mode=mode)
            if keys.block_place(cap.id, SCOPE.suffix(cap.per))[0] == keys.BUCKETS + 5:
                found[name] = cap
                break
    return found


CAPS = _caps()


@dataclass
class Given:
    """A block that was granted: of each cap so much, and what became of it."""

    block: Block
    taken: dict[str, int]
    deadline: datetime
    used: int | None = None
    is_final: bool = False
    last_attempt: int = 0

    def counts(self, cap: CapWindow, now: datetime) -> int:
        if self.used is None and self.deadline <= now:
            return 0
        names = {part.window for part in cap.parts}
        mine = next((one for one in self.block.caps if one.cap_id == cap.cap_id), None)
        if mine is None or mine.window not in names:
            return 0
        taken = self.taken[cap.cap_id]
        return taken if self.used is None else min(taken, self.used)


@dataclass
class Reference:
    """Counts by looking at every block ever given."""

    given: dict[str, Given] = field(default_factory=dict)

    def used(self, cap: CapWindow, now: datetime) -> int:
        return sum(one.counts(cap, now) for one in self.given.values())

    def reserve(self, block: Block, now: datetime) -> int | None:
        deadline = min([block.expires_at, *(cap.last_moment for cap in block.caps)])
        deadline = deadline.replace(microsecond=0)
        if deadline <= now:
            return None
        room = {cap.cap_id: max(cap.limit - self.used(cap, now), 0) for cap in block.caps}
        binding = [room[cap.cap_id] for cap in block.caps if not cap.is_shadow]
        granted = min([block.amount, *binding])
        if granted:
            taken = {cap_id: min(left, granted) for cap_id, left in room.items()}
            self.given[block.id] = Given(block, taken, deadline)
        return granted


class BlockMachine(RuleBasedStateMachine):
    """Drives a store and the reference side by side."""

    url = ""
    blocks = Bundle("blocks")

    def __init__(self) -> None:
        super().__init__()
        flush(self.url)
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.counting = Counting(connect(self.url, self.clock, timeout=10), self.clock)
        self.reference = Reference()
        self.answers: dict[str, Taken] = {}
        self.made = 0

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self.clock.set(start)

    @rule(
        target=blocks,
        names=st.lists(st.sampled_from(sorted(CAPS)), unique=True, min_size=1),
        amount=st.integers(1, 30),
        seconds=st.sampled_from((0, 60, 7200)),
    )
    def reserve(self, names: list[str], amount: int, seconds: int) -> Block:
        self.made += 1
        caps = [self.window(name) for name in names]
        block = self.counting.block(f"b{self.made}", amount, *caps, seconds=seconds)
        answer = self.runner.run(self.counting.store.reserve_block(block))
        expected = self.reference.reserve(block, self.clock.now())
        assert (None if isinstance(answer, Lapsed) else answer.granted) == expected
        if isinstance(answer, Taken):
            self.answers[block.id] = answer
        return block

    @rule(block=blocks)
    def repeat_after_a_lost_reply(self, block: Block) -> None:
        # After a loss the turn of an earlier call is over: nobody can ask again.
        if block.id in self.answers:
            answer = self.runner.run(self.counting.store.reserve_block(block))
            assert isinstance(answer, Lapsed) or answer == self.answers[block.id]

    @rule(block=blocks, used=st.integers(0, 30), times=st.integers(1, 2))
    def start(self, block: Block, used: int, times: int) -> None:
        given = self.reference.given.get(block.id)
        if given is None or given.is_final or given.used is not None:
            return
        used = min(used, self.answers[block.id].granted)
        in_time = given.deadline > self.clock.now()
        for _ in range(times if used else 1):
            assert self.runner.run(
                self.counting.store.start_block(block.id, block.records, used)
            ) == (in_time)
        if in_time:
            given.used, given.is_final = used, not used
        else:
            given.used, given.is_final = 0, True

    @rule(block=blocks, number=st.integers(1, 30), times=st.integers(1, 2))
    def give_back(self, block: Block, number: int, times: int) -> None:
        given = self.reference.given.get(block.id)
        if given is None or not given.used or given.is_final:
            return
        given.last_attempt += 1
        for _ in range(times):
            self.runner.run(
                self.counting.store.give_back_block(
                    block.id, block.records, number, given.last_attempt
                )
            )
        given.used = max(given.used - number, 0)

    @rule(block=blocks)
    def commit(self, block: Block) -> None:
        given = self.reference.given.get(block.id)
        if given is not None and given.used:
            self.runner.run(self.counting.store.commit_block(block.bucket, block.id))
            given.is_final = True

    @rule()
    def lose_everything_and_count_again(self) -> None:
        """Whatever is not known to be over counts; what was never started never will be."""
        flush(self.url)
        turn = self.counting.store.turn(keys.BUCKETS + 5)
        self.answers.clear()
        found: dict[BlockRecord, dict[str, Counted]] = {}
        for given in self.reference.given.values():
            if given.used is None:
                given.used, given.is_final = 0, True
            for cap, record in zip(given.block.caps, given.block.records, strict=True):
                counters = found.setdefault(record, {})
                before = counters.get(cap.window, Counted(cap.cap_id, cap.window, cap.noted_end, 0))
                taken = min(given.taken[cap.cap_id], given.used)
                counters[cap.window] = Counted(
                    cap.cap_id, cap.window, cap.noted_end, before.used + taken
                )
            given.is_final = True
        if turn.bucket in self.counting.store.numbers:
            try:
                self.runner.run(self.counting.opened.use_blocks([self.window("day")]))
            except BucketClosed:
                pass
            else:
                raise AssertionError
        counted = {record: list(counters.values()) for record, counters in found.items()}
        self.runner.run(self.counting.opened.restore_blocks(turn, counted))
        self.counting.store.numbers[turn.bucket] = turn.number

    @rule(minutes=st.sampled_from((1, 29, 30, 61, 600, 1440, 3000)))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @invariant()
    def counts_agree(self) -> None:
        caps = [self.window(name) for name in CAPS]
        found = self.runner.run(self.counting.store.use_blocks(caps))
        now = self.clock.now()
        assert [use.used for use in found] == [self.reference.used(cap, now) for cap in caps]
        assert all(use.used <= use.limit for use in found)

    def window(self, name: str) -> CapWindow:
        window = open_window(CAPS[name], self.clock.now(), ZONE, SCOPE)
        assert window is not None
        return window

    def teardown(self) -> None:
        self.runner.run(self.counting.store.aclose())
        self.runner.close()


def test_random_histories_of_blocks_agree_with_a_reference_that_keeps_them_all(
    valkey_url: str,
) -> None:
    machine = type("Machine", (BlockMachine,), {"url": valkey_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
