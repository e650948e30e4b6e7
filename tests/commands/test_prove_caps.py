"""The proof of promise 3 at a small size, and that a cap which was exceeded is seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.client.answers import FoundDecision, PushStatus
from app.clock import SystemClock
from app.domain.decision import Verdict
from app.domain.state import PushState
from app.proof.caps import CapsPlan, CapsRun, reconcile_caps, small_caps_plan, under_use

NOW = SystemClock().now()
NO_DECISION = FoundDecision(Verdict.HOLD, "", "", ())


@pytest.mark.timeout(240)
def test_nobody_gets_more_than_a_cap_allows_whatever_is_killed(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "caps.txt"
    words = ["prove", "caps", "--small", "--postgres", postgres_url, "--write", str(report)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "×" not in said
    assert said.endswith("没有超出上限 · no cap was exceeded\n")
    assert "server" in said
    assert report.read_text("utf-8") == said


def test_without_a_database_it_is_skipped_unless_it_is_required(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["prove", "caps"]) == 0
    assert "跳过 skipped" in capsys.readouterr().out
    assert main(["prove", "caps", "--required"]) == 1


def pushed(number: int, delivery: dict[str, int]) -> PushStatus:
    return PushStatus(
        f"p{number}", PushState.RELEASED, "", None, NO_DECISION, None, None, delivery, {}
    )


def seen(plan: CapsPlan, first: Sequence[int], second: Sequence[int]) -> CapsRun:
    """What was seen if two recipients got the pushes of these numbers."""
    accepted = [[first, second][n % 2] for n in range(2)]
    after = [
        pushed(
            number,
            {
                "recipients": 2,
                "accepted": sum(number in got for got in accepted),
                "capped": sum(number not in got for got in accepted),
            },
        )
        for number in range(plan.pushes)
    ]
    got = {
        f"r_{n}": [{"push_id": f"p{number}"} for number in numbers]
        for n, numbers in enumerate((first, second))
    }
    return CapsRun(after, got, 0, NOW, NOW + timedelta(seconds=60), 1, {})


@pytest.fixture
def plan() -> CapsPlan:
    return replace(small_caps_plan(), pushes=10, recipients=2)


def broken(plan: CapsPlan, run: CapsRun) -> list[str]:
    return [line.en for line in reconcile_caps(plan, run) if not line.holds]


def test_a_run_within_its_caps_holds(plan: CapsPlan) -> None:
    run = seen(plan, (0, 1, 2, 3), (1, 2, 3))
    assert broken(plan, run) == []
    assert "1 of 8 slots" in under_use(plan, run)


def test_one_popup_too_many_an_hour_is_seen(plan: CapsPlan) -> None:
    assert broken(plan, seen(plan, (0, 1, 2, 3, 4), (1,))) == ["cap hour: most that one got"]


def test_one_popup_too_many_of_a_topic_is_seen(plan: CapsPlan) -> None:
    assert broken(plan, seen(plan, (0, 5), (1,))) == ["cap topic: most that one got"]


def test_a_sum_that_does_not_come_out_is_seen(plan: CapsPlan) -> None:
    run = seen(plan, (0,), (1,))
    assert broken(plan, replace(run, again=1)) == ["popups at a second look"]
    waiting = [replace(run.after[0], state=PushState.RELEASING), *run.after[1:]]
    assert broken(plan, replace(run, after=waiting)) == ["pushes released"]
    lost = {**run.got, "r_1": []}
    assert broken(plan, replace(run, got=lost)) == ["accepted = fetched"]
    twice = {"r_0": [*run.got["r_0"], *run.got["r_1"], *run.got["r_1"]], "r_1": []}
    assert "popups got twice" in broken(plan, replace(run, got=twice))
