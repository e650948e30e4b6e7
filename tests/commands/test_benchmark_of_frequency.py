"""The benchmark of the frequency ledger, at a size that shows that it measures everything."""

import os
import subprocess
import sys

import pytest

from app.shipped import APP


@pytest.mark.timeout(240)
def test_every_part_is_measured_and_held_against_its_goal() -> None:
    words = ["-m", "benchmarks.frequency.run", "--small", "--masters", "1"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=APP.parent,
        env=os.environ | {"PYTHONPATH": str(APP.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for part in ("reservation", "campaign", "memory", "blocks", "file"):
        assert f"one server, {part}\n" in done.stdout
    for goal in (
        "reservation to bare INCR at least 0.3",
        "campaign on sqlite to limits at least 30",
        "ms a call blocks a server at most 10",
        "bytes an active recipient at most 200",
        "MiB grown from a tenth on at most 32",
    ):
        assert f"goal: {goal}: " in done.stdout
    assert "5,000 recipients after" in done.stdout
