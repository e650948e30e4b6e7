"""No write is left waiting for a writer that has already looked at the queue for the last time."""

import asyncio

from app.db.session import Database


async def test_a_writer_that_is_done_is_never_counted_on(db: Database) -> None:
    """Between a task's last step and its callbacks other code runs, and may want to write."""
    for _ in range(20):
        write = asyncio.create_task(db.write(lambda _tx: 1))
        while not write.done():
            assert not any(writer.done() for writer in db._writers)  # noqa: SLF001 - the very gap
            await asyncio.sleep(0)


async def test_callers_that_write_again_at_once_are_all_answered(db: Database) -> None:
    async def caller(pause: int) -> int:
        done = 0
        for number in range(30):
            done += await db.write(lambda _tx: 1)
            for _ in range((number + pause) % 5):
                await asyncio.sleep(0)
        return done

    answered = await asyncio.wait_for(asyncio.gather(*(caller(n) for n in range(8))), 30)

    assert sum(answered) == 240
