"""Promise 9 under `kill -9`: whatever moment a sealer dies in, the ledger stays whole."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from app.audit.checkpoint import split_notes
from tests.fixtures.ledger import LedgerBench

ROOT = Path(__file__).parents[2]
ROUNDS = 5
# Writes and seals as fast as it can until somebody ends it.
GATEWAY = """
import asyncio, sys
from pathlib import Path
from app.clock import SystemClock
from tests.fixtures.ledger import LedgerBench

async def run(url, folder):
    bench = LedgerBench(url, Path(folder), SystemClock())
    sealer = bench.sealer()
    print("ready", flush=True)
    while True:
        await bench.write(2)
        await sealer.run_once()

asyncio.run(run(*sys.argv[1:]))
"""


async def run_and_kill(ledger: LedgerBench, after: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        GATEWAY,
        ledger.url,
        str(ledger.folder),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    await asyncio.sleep(after)
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def test_promise_9_a_sealer_killed_at_any_moment_loses_and_doubles_nothing(
    ledger: LedgerBench,
) -> None:
    for number in range(ROUNDS):
        await run_and_kill(ledger, after=0.15 + 0.07 * number)
        # Nothing repairs anything in between: the next process starts from what is there.
        verified = await ledger.verify(every=True)
        torn = [problem for problem in verified.problems if "put aside" not in problem.en]
        assert torn == []
    await ledger.sealer().run_once()
    assert await ledger.problems(every=True) == []
    notes = await ledger.scalars("SELECT note FROM audit_checkpoints ORDER BY size")
    assert split_notes(ledger.checkpoint_file.read_text()) == (list(notes), "")
    assert len(notes) > ROUNDS
    entries = await ledger.scalars("SELECT count(*) FROM audit_entries")
    places = await ledger.scalars("SELECT leaf_index FROM audit_leaves ORDER BY leaf_index")
    assert list(places) == list(range(int(str(entries[0]))))
