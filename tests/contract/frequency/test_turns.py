"""What every frequency store does when a bucket's counters have lost something."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from app.frequency import keys
from app.frequency.store import BucketClosed, Closed, Counted, Full, Reserved, Turn
from tests.fixtures.frequency import Counting, members

ANA, BEN, CAT = members(7, 3)


async def closed(call: Awaitable[object]) -> tuple[Closed, int]:
    """Why a call was refused, and the number that the counters carry."""
    with pytest.raises(BucketClosed) as caught:
        await call
    return caught.value.why, caught.value.number


async def test_counters_that_nobody_opened_grant_nothing(counting: Counting) -> None:
    ask = counting.ask("r1", (ANA,), counting.day("daily", 5))
    turn = Turn(7, "led_test", 0, 1)
    assert await closed(counting.opened.reserve(ask, turn)) == (Closed.LOST, 0)
    assert await closed(counting.opened.start("r1", [ANA], turn)) == (Closed.LOST, 0)


async def test_counters_that_lost_what_they_knew_do_not_say_that_nothing_is_used(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 5)
    use = counting.opened.use
    assert await closed(use([ANA], [cap])) == (Closed.LOST, 0)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    assert await counting.used(ANA, cap) == (1,)
    await counting.client.flushdb()
    assert await closed(use([ANA], [cap])) == (Closed.LOST, 0)


async def test_only_the_next_number_is_granted_and_it_may_be_repeated(counting: Counting) -> None:
    cap = counting.day("daily", 5)
    await counting.store.open(7)
    first, other = counting.ask("r1", (ANA,), cap), counting.ask("r2", (ANA,), cap)
    for _ in range(2):
        answer = await counting.opened.reserve(first, Turn(7, "led_test", 1, 2))
        assert answer == Reserved((ANA,), ())
    for _ in range(2):
        assert await counting.opened.start("r1", [ANA], Turn(7, "led_test", 2, 3)) == {ANA}
    for turn, why in (
        (Turn(7, "led_test", 4, 5), Closed.BEHIND),
        (Turn(7, "led_test", 1, 2), Closed.AHEAD),
        (Turn(7, "led_else", 3, 4), Closed.FOREIGN),
    ):
        found = 0 if why is Closed.FOREIGN else 3
        assert await closed(counting.opened.reserve(other, turn)) == (why, found)
        assert await closed(counting.opened.start("r1", [ANA], turn)) == (why, found)
    assert await counting.used(ANA, cap) == (1,)


async def test_numbers_that_nobody_heard_of_may_be_there_or_not(counting: Counting) -> None:
    cap = counting.day("daily", 5)
    await counting.store.open(7)
    for number, after in ((4, 1), (9, 1)):
        ask = counting.ask(f"r{number}", (ANA,), cap)
        answer = await counting.opened.reserve(ask, Turn(7, "led_test", after, number))
        assert answer == Reserved((ANA,), ())
    assert await counting.used(ANA, cap) == (2,)


async def test_a_start_of_nobody_takes_its_turn(counting: Counting) -> None:
    await counting.store.open(7)
    assert await counting.store.start("r1", []) == frozenset()
    assert await counting.opened.start("r1", [], Turn(7, "led_test", 2, 3)) == frozenset()


async def test_a_recipient_of_another_bucket_has_no_turn(counting: Counting) -> None:
    await counting.store.open(7)
    with pytest.raises(ValueError, match="not in bucket"):
        await counting.opened.start("r1", members(8, 1), Turn(7, "led_test", 1, 2))


async def test_what_was_counted_is_used_and_what_was_there_stays_if_it_is_more(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 3)
    for number in (1, 2):
        await counting.store.reserve(counting.ask(f"r{number}", (ANA, BEN), cap))
        await counting.store.start(f"r{number}", [ANA, BEN])
    counted = {
        ANA: [Counted("daily", cap.window, cap.ends_at, 1)],
        BEN: [Counted("daily", cap.window, cap.ends_at, 3)],
        CAT: [Counted("daily", cap.window, cap.ends_at, 3)],
    }
    await counting.store.open(7, **counted)
    # What is used can no longer be given back: it may have been handed over since.
    assert await counting.store.give_back("r1", [ANA, BEN]) == frozenset()
    assert [await counting.used(one, cap) for one in (ANA, BEN, CAT)] == [(2,), (3,), (3,)]
    answer = await counting.store.reserve(counting.ask("r3", (ANA, BEN, CAT), cap))
    assert answer == Reserved(
        (ANA,),
        (Full(BEN, "daily", 3, 3, cap.ends_at), Full(CAT, "daily", 3, 3, cap.ends_at)),
    )


async def test_what_was_never_started_is_freed_and_cannot_be_started_any_more(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 3)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    await counting.store.open(7, **{ANA: []})
    assert await counting.used(ANA, cap) == (0,)
    assert await counting.store.start("r1", [ANA]) == frozenset()


async def test_many_are_restored_in_parts(counting: Counting) -> None:
    cap = counting.day("daily", 2)
    many = members(7, 600)
    counted = {one: [Counted("daily", cap.window, cap.ends_at, 2)] for one in many}
    await counting.store.open(7, **counted)
    outcome = await counting.store.reserve(counting.ask("r1", many[-200:], cap))
    assert isinstance(outcome, Reserved)
    assert (outcome.granted, len(outcome.full)) == ((), 200)


Break = Callable[[Counting], Awaitable[object]]


async def lost(counting: Counting) -> None:
    await counting.client.delete(keys.head_key(7))


async def taken_over(counting: Counting) -> None:
    await counting.opened.restore(Turn(7, "led_test", 1, 9), {})


@pytest.mark.parametrize(("spoil", "why"), [(lost, "rebuilding"), (taken_over, "ahead")])
async def test_a_restoring_that_loses_a_part_or_is_overtaken_does_not_open_the_bucket(
    counting: Counting, spoil: Break, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cap = counting.day("daily", 2)
    many = members(7, 300)
    counted = {one: [Counted("daily", cap.window, cap.ends_at, 2)] for one in many}
    run, calls = counting.opened._run, []  # type: ignore[attr-defined]  # noqa: SLF001 - between two parts

    async def spoilt(*args: object) -> object:
        calls.append(args)
        if len(calls) == 3:
            await spoil(counting)
        return await run(*args)

    monkeypatch.setattr(counting.opened, "_run", spoilt)
    refused = await closed(counting.opened.restore(Turn(7, "led_test", 0, 5), counted))
    assert refused[0].value == why
    if spoil is lost:
        ask = counting.ask("r1", (ANA,), cap)
        again = await closed(counting.opened.reserve(ask, Turn(7, "led_test", 5, 6)))
        assert again == (Closed.LOST, 0)


async def test_while_a_bucket_is_restored_it_grants_nothing(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = counting.ask("r1", (ANA,), counting.day("daily", 2))
    run = counting.opened._run  # type: ignore[attr-defined]  # noqa: SLF001 - between two parts
    seen: list[tuple[Closed, int]] = []

    async def between(script: str, *args: object) -> object:
        answer = await run(script, *args)
        if script == "restore" and not seen:
            seen.append(await closed(counting.opened.reserve(ask, Turn(7, "led_test", 5, 6))))
            seen.append(await closed(counting.opened.use([ANA], [counting.day("daily", 2)])))
        return answer

    monkeypatch.setattr(counting.opened, "_run", between)
    await counting.opened.restore(Turn(7, "led_test", 0, 5), {})
    assert seen == [(Closed.REBUILDING, 5), (Closed.REBUILDING, 5)]
    assert await counting.opened.reserve(ask, Turn(7, "led_test", 5, 6)) == Reserved((ANA,), ())


async def test_a_bucket_is_never_restored_to_an_older_number(counting: Counting) -> None:
    turn = Turn(7, "led_test", 0, 9)
    await counting.opened.restore(turn, {})
    # Repeated as a whole it is over; an older one never begins.
    for late in (turn, replace(turn, number=8)):
        assert await closed(counting.opened.restore(late, {})) == (Closed.AHEAD, 9)
