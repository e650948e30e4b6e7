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


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("light_processes")
@pytest.mark.parametrize("cluster", [False, True], ids=["one server", "cluster"])
def test_nobody_gets_more_than_a_cap_allows_whatever_is_killed(
    cluster: bool, postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "caps.txt"
    words = ["prove", "caps", "--small", "--postgres", postgres_url, "--write", str(report)]
    # A fail-over takes its time, so the cluster's run is the smaller one.
    assert main([*words, *(["--cluster", "--recipients", "3"] if cluster else [])]) == 0
    said = capsys.readouterr().out
    assert "×" not in said
    assert said.endswith("没有超出上限 · no cap was exceeded\n")
    assert ("3 masters" if cluster else "one server") in said
    assert "cap surface: all recipients together" in said
    assert "cap share: pushes of one topic: 2 ≤ 2" in said
    assert report.read_text("utf-8") == said


def test_without_a_database_it_is_skipped_unless_it_is_required(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["prove", "caps"]) == 0
    assert "跳过 skipped" in capsys.readouterr().out
    assert main(["prove", "caps", "--required"]) == 1


def pushed(number: int, delivery: dict[str, int], left_out: dict[str, int]) -> PushStatus:
    answer = {"left_out_by": left_out}
    return PushStatus(
        f"p{number}", PushState.RELEASED, "", None, NO_DECISION, None, None, delivery, answer
    )


def seen(plan: CapsPlan, *numbers: Sequence[int], let_out: Sequence[int] = (0, 1)) -> CapsRun:
    """What was seen if recipients got the pushes of these numbers.

    Of the first topic only the pushes of `let_out` were left to counters.
    """
    after = []
    for number in range(plan.pushes):
        accepted = sum(number in one for one in numbers)
        capped = len(numbers) - accepted
        delivery = {"recipients": len(numbers), "accepted": accepted, "capped": capped}
        is_out = plan.topic_of(number) != "t0" or number in let_out
        after.append(pushed(number, delivery, {} if is_out else {"share": len(numbers)}))
    got = {f"r_{n}": [{"push_id": f"p{number}"} for number in one] for n, one in enumerate(numbers)}
    return CapsRun(after, got, 0, NOW, NOW + timedelta(seconds=60), 1, {})


@pytest.fixture
def plan() -> CapsPlan:
    return replace(small_caps_plan(), pushes=10, recipients=4)


def broken(plan: CapsPlan, run: CapsRun) -> list[str]:
    return [line.en for line in reconcile_caps(plan, run) if not line.holds]


def test_the_first_topic_is_the_most_common(plan: CapsPlan) -> None:
    assert [plan.topic_of(number) for number in range(8)] == [
        *("t0", "t0", "t0", "t1", "t2", "t3", "t4", "t0"),
    ]


def test_a_run_within_its_caps_holds(plan: CapsPlan) -> None:
    run = seen(plan, (0, 3, 4, 5), (1, 3, 4), (5, 6), (6,))
    assert broken(plan, run) == []
    assert "4 of 14 slots" in under_use(plan, run)


def test_one_popup_too_many_an_hour_is_seen(plan: CapsPlan) -> None:
    run = seen(plan, (0, 3, 4, 5, 6), (3,), (), ())
    assert broken(plan, run) == ["cap hour: most that one got"]


def test_one_popup_too_many_of_a_topic_is_seen(plan: CapsPlan) -> None:
    assert broken(plan, seen(plan, (0, 1), (3,), (), ())) == ["cap topic: most that one got"]


def test_one_popup_too_many_of_a_topic_to_all_recipients_is_seen(plan: CapsPlan) -> None:
    run = seen(plan, (3,), (3,), (3,), (3,))
    assert broken(plan, run) == ["cap topic-all: all recipients together"]


def test_one_popup_too_many_of_a_surface_is_seen(plan: CapsPlan) -> None:
    run = seen(plan, (0, 3, 4, 5), (0, 3, 4, 6), (0, 3, 5, 6), (4, 5, 6))
    assert broken(plan, run) == [
        "cap surface: all recipients together",
        "cap sender-hour: all recipients together",
    ]


def test_one_push_too_many_of_a_topics_share_is_seen(plan: CapsPlan) -> None:
    run = seen(plan, (0, 3), (1,), (), (), let_out=(0, 1, 2))
    assert broken(plan, run) == ["cap share: pushes of one topic"]


def test_a_sum_that_does_not_come_out_is_seen(plan: CapsPlan) -> None:
    run = seen(plan, (0,), (1,), (), ())
    assert broken(plan, replace(run, again=1)) == ["popups at a second look"]
    waiting = [replace(run.after[0], state=PushState.RELEASING), *run.after[1:]]
    assert broken(plan, replace(run, after=waiting)) == ["pushes released"]
    lost = {**run.got, "r_1": []}
    assert broken(plan, replace(run, got=lost)) == ["accepted = fetched"]
    both = [*run.got["r_0"], *run.got["r_1"], *run.got["r_1"]]
    twice = {**run.got, "r_0": both, "r_1": []}
    assert "popups got twice" in broken(plan, replace(run, got=twice))
