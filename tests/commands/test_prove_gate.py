"""The proof run at a small size, and that a number which does not come out is seen."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import main
from app.client.answers import FoundDecision, PushStatus
from app.domain.decision import Verdict
from app.domain.state import PushState
from app.proof.counts import Run, reconcile
from app.proof.plan import Plan, read_headlines, small_plan

NO_DECISION = FoundDecision(Verdict.HOLD, "", "", ())


@pytest.mark.usefixtures("light_processes")
def test_a_small_run_adds_up_from_submission_to_inbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "gate.txt"
    assert main(["prove", "gate", "--small", "--write", str(report)]) == 0
    said = capsys.readouterr().out
    assert "×" not in said
    assert said.endswith("全部相符 · everything adds up\n")
    assert report.read_text("utf-8") == said


def test_missing_files_are_a_skip_unless_they_are_required(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["prove", "gate", "--headlines", str(tmp_path / "no.tsv")]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.count("跳过 skipped") == 2
    assert main([*words, "--required"]) == 1


def pushed(name: str, state: PushState, delivery: Mapping[str, int] | None = None) -> PushStatus:
    return PushStatus(name, state, "", None, NO_DECISION, None, None, delivery, {})


@pytest.fixture
def plan() -> Plan:
    return replace(small_plan(), pushes=3, rulings=1, recipients=2, cap=1)


@pytest.fixture
def good() -> Run:
    waiting = [pushed(name, PushState.IN_REVIEW) for name in ("a", "b", "c")]
    counted = {"recipients": 2, "accepted": 2, "capped": 0}
    return Run(
        submitted=waiting,
        verdicts={"approve": 1},
        after=[pushed("a", PushState.RELEASED, counted), *waiting[1:]],
        got={"r_0": [{"push_id": "a"}], "r_1": [{"push_id": "a"}]},
        again=0,
        days=1,
    )


def test_sums_that_come_out_all_hold(plan: Plan, good: Run) -> None:
    assert [line.text() for line in reconcile(plan, good) if not line.holds] == []


@pytest.mark.parametrize(
    ("spoilt", "seen_by"),
    [
        ({"verdicts": {"approve": 2}}, "rulings"),
        ({"again": 1}, "second look"),
        ({"got": {"r_0": [{"push_id": "a"}], "r_1": []}}, "accepted = fetched"),
        ({"got": {"r_0": [{"push_id": "a"}, {"push_id": "a"}], "r_1": []}}, "got twice"),
        ({"got": {"r_0": [{"push_id": "b"}], "r_1": [{"push_id": "a"}]}}, "nobody approved"),
        ({"got": {"r_0": [{"push_id": "a"}]}}, "recipients who looked"),
        ({"submitted": []}, "pushes submitted"),
        ({"after": []}, "released = approved"),
    ],
)
def test_a_number_that_is_wrong_is_seen(
    plan: Plan, good: Run, spoilt: dict[str, object], seen_by: str
) -> None:
    lines = reconcile(plan, replace(good, **spoilt))  # type: ignore[arg-type]
    assert any(seen_by in line.text() for line in lines if not line.holds)


def test_one_popup_over_the_cap_is_seen(plan: Plan, good: Run) -> None:
    over = replace(good, got={"r_0": [{"push_id": "a"}, {"push_id": "x"}], "r_1": []})
    assert any("most that one got" in one.text() for one in reconcile(plan, over) if not one.holds)


def test_headlines_are_read_by_turns_and_long_ones_left_out(tmp_path: Path) -> None:
    file = tmp_path / "headlines.tsv"
    file.write_text(f"a\t一\na\t二\nb\t三\nb\t{'长' * 101}\n\n", "utf-8")
    assert read_headlines(file) == ["一", "三", "二"]
