"""Promise 3: caps of all recipients together hold while counters and replies are lost."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

from app.domain.policy import A_DAY, Cap, Covers, Over, Per, Rolling
from app.domain.push import ContentKind
from app.errors import CountersUnavailable
from tests.fixtures.dispatching import dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.turns import OneTurn
from tests.fixtures.valkey import flush

ALL = Cap("all", 900, A_DAY, source="house")
SURFACE = Cap("surface", 13, A_DAY, per=(Per.SURFACE,), source="house")
PROVIDER = Cap("provider", 11, Rolling(86_400), per=(Per.PROVIDER,), source="house")
OWN = Cap("own", 2, A_DAY, Covers(kinds=(ContentKind.GENERAL,)), over=Over.REPLACE, source="house")
TOKENS = tuple(f"r_{number}" for number in range(6))


class Faulty:
    """Counters of which some calls fail, before or after they took effect."""

    def __init__(self, inner: object, chance: random.Random) -> None:
        self._inner = inner
        self._chance = chance

    def __getattr__(self, name: str) -> object:
        call = getattr(self._inner, name)

        async def faulty(*args: object, **named: object) -> object:
            fate = self._chance.random()
            if fate < 0.08:
                raise CountersUnavailable
            answer = await call(*args, **named)
            if fate > 0.92:
                raise CountersUnavailable
            return answer

        return faulty


async def begin(gate: Gate) -> None:
    await gate.register(*TOKENS)
    draft = await gate.services.policies.propose("stf_a", (ALL, SURFACE, PROVIDER, OWN), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def test_many_caps_hold_while_counters_replies_and_workers_are_lost(
    still_gate: Gate,
) -> None:
    gate, chance = still_gate, random.Random(20261201)  # noqa: S311 - a seed, no secret
    await begin(gate)
    expires_at = gate.clock.now() + timedelta(hours=6)
    pushes = [await gate.released(*TOKENS, expires_at=expires_at) for _ in range(5)]
    gates = [gate, await gate.process(), await gate.process()]
    channel = gate.services.dispatcher._channels["inbox"]  # noqa: SLF001 - the real inbox
    workers = [
        dispatcher(one, channel, Faulty(one.services.counters, chance), f"dsp_{number}")
        for number, one in enumerate(gates)
    ]
    shown: Counter[str] = Counter()
    for turn in range(10):
        for one in gates:
            await one.services.watch.refresh()
        await asyncio.gather(*(worker.run(OneTurn()) for worker in workers))
        if turn % 4 == 2:
            flush(gate.counters_url)
        token = chance.choice(TOKENS)
        shown[token] += len(await gate.inbox(token))
        gate.wait(35)
    for _ in range(4):
        await gate.dispatch()
        gate.wait(35)
    for token in TOKENS:
        shown[token] += len(await gate.inbox(token))
    assert max(shown.values()) <= OWN.limit
    assert len(TOKENS) <= sum(shown.values()) <= PROVIDER.limit
    letters = Counter("".join([await gate.outcomes(push_id) for push_id in pushes]))
    assert set(letters) <= {"a", "c", "p", "u"}
    assert letters["a"] <= PROVIDER.limit
