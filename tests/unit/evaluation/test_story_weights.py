"""What the signs of a story told again weigh is learned from judged pairs, as the table was."""

from pathlib import Path

import pytest

from app.cli import main
from app.screening.likeness import Story
from app.screening.retelling import retelling, retold_signs
from app.screening.tables import story_weights

CORPORA = Path(__file__).parents[2] / "corpora"
BODY = "河谷昨日发生山洪，救援队转移三百名村民，道路中断，县里已拨付首批物资。"


def test_the_shipped_weights_are_those_that_the_pairs_give(tmp_path: Path) -> None:
    table = tmp_path / "weights.txt"
    assert main(["learn", "--corpora", str(CORPORA), "--stories", str(table)]) == 0
    lines = [line.split() for line in table.read_text("utf-8").splitlines() if line[0] != "#"]
    written = {name: int(weight) for name, weight in lines}
    shipped = dict(story_weights())
    # Another machine's last digit may round a weight up that is rounded down here.
    for name in written.keys() | shipped.keys():
        assert abs(written.get(name, 0) - shipped.get(name, 0)) <= 1, name


def test_every_sign_that_was_learned_can_be_told() -> None:
    numbered = retold_signs(Story.told_by("河谷山洪", BODY), Story.told_by("山洪袭河谷", BODY[:-8]))
    bodies = ("店员捡到钱包交还失主。", "居民楼下寻得走失的猫。")
    plain = retold_signs(*(Story.told_by("邻里新闻两则", body) for body in bodies))
    assert (numbered | plain).keys() == dict(story_weights()).keys() - {"start"}


def test_nothing_is_weighed_where_titles_contradict_or_are_all_there_is() -> None:
    first = Story.told_by("女排三比一获胜", BODY)
    assert retold_signs(first, Story.told_by("女排三比零获胜", BODY)) == {}
    assert retold_signs(Story.told_by("河谷山洪", ""), Story.told_by("山洪", "")) == {}


def test_the_same_text_is_the_same_story_whatever_its_title_weighs() -> None:
    one = Story.told_by("本周办事提醒", BODY)
    assert retelling(one, one, 60) == 100
    assert retelling(one, Story.told_by("本周办事提醒", BODY[:40]), 60) >= 60


def test_a_folder_without_stories_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["learn", "--corpora", str(tmp_path), "--stories", str(tmp_path / "w")]) == 1
    assert "--corpora" in capsys.readouterr().err
