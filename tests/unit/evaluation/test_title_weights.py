"""What a change of a title weighs is learned from judged pairs, as the shipped table was."""

from pathlib import Path

import pytest

from app.cli import main
from app.evaluation.fitting import Example, learned
from app.evaluation.title_weights import TITLES
from app.screening.tables import title_weights
from app.screening.titles.weighing import score

CORPORA = Path(__file__).parents[2] / "corpora"


def test_what_distorted_titles_show_weighs_and_what_all_show_does_not() -> None:
    known = [Example({"bad": 100, "both": 100}, is_hit=True) for _ in range(20)]
    known += [Example({"both": 100}, is_hit=False) for _ in range(20)]
    known.append(Example({"once": 100}, is_hit=True))
    weights = learned(known, TITLES)
    assert weights["bad"] > abs(weights.get("both", 0))
    assert "once" not in weights
    assert score({"bad": 100, "both": 100}, weights) >= 60 > score({"both": 100}, weights)


def test_the_shipped_weights_are_those_that_the_corpora_give(tmp_path: Path) -> None:
    table = tmp_path / "weights.txt"
    assert main(["learn", "--corpora", str(CORPORA), "--titles", str(table)]) == 0
    lines = [line.split() for line in table.read_text("utf-8").splitlines() if line[0] != "#"]
    written = {name: int(weight) for name, weight in lines}
    shipped = dict(title_weights())
    # Another machine's last digit may round a weight up that is rounded down here.
    for name in written.keys() | shipped.keys():
        assert abs(written.get(name, 0) - shipped.get(name, 0)) <= 1, name


def test_a_folder_without_titles_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["learn", "--corpora", str(tmp_path), "--titles", str(tmp_path / "w")]) == 1
    assert "--corpora" in capsys.readouterr().err
