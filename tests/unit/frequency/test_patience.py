"""How long a batch waits for those before it."""

import pytest

from app.frequency import patience
from app.frequency.patience import LONGEST, SHORTEST, Patience, patiently
from app.frequency.store import BucketClosed, Closed


def test_a_wait_doubles_up_to_a_limit_and_gets_shorter_with_every_answer() -> None:
    waits = Patience()
    assert waits.of(7) == SHORTEST
    waits.was_short(7)
    assert (waits.of(7), waits.of(8)) == (2 * SHORTEST, SHORTEST)
    for _ in range(9):
        waits.was_short(7)
    assert waits.of(7) == LONGEST
    waits.was_enough(7)
    assert SHORTEST < waits.of(7) < LONGEST
    for _ in range(99):
        waits.was_enough(7)
    assert waits.of(7) == SHORTEST


async def test_a_call_is_repeated_while_others_are_under_way_and_only_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "SOON_SECONDS", 0.0)
    reasons = [Closed.BEHIND, Closed.BEHIND]

    async def call() -> str:
        if reasons:
            raise BucketClosed(7, reasons.pop(), 3)
        return "done"

    assert await patiently(call, 60) == "done"
    reasons.append(Closed.LOST)
    with pytest.raises(BucketClosed):
        await patiently(call, 60)
    reasons.append(Closed.BEHIND)
    with pytest.raises(BucketClosed):
        await patiently(call, 0)
