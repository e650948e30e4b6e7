"""The weights of manner are learned the same way every time, and tell what they were taught."""

from pathlib import Path

import pytest

from app.cli import main
from app.evaluation.checking import checked
from app.evaluation.learning import Learner
from app.evaluation.lessons import HEADLINES, Lesson, lessons
from app.evaluation.teaching import JUDGEMENTS, table
from app.screening.manner_weights import Manners, root_of

GAMES = ("开户送彩金", "真人发牌开户", "下注返水开户", "彩金返水发牌")
PAPERS = ("代办证书可查", "证书代办先看样", "学历代办证书", "可查学历先看样")
SOBER = ("今天晴转多云", "图书馆延长开放", "多云转晴图书馆", "今天延长开放时间")
CONTENT = JUDGEMENTS["content"]


def taught() -> list[Lesson]:
    parts = [(GAMES, "content", "gambling"), (PAPERS, "content", "forged_papers")]
    parts += [(SOBER, "content", ""), (SOBER, HEADLINES, "")]
    return [
        Lesson((text, text[::-1]), part, kind, file, line * 30)
        for texts, part, kind in parts
        for file in ("a", "b")
        for line, text in enumerate(texts, 2)
    ]


@pytest.fixture(scope="module")
def learner() -> Learner:
    return Learner(taught())


def everything(learner: Learner) -> range:
    return range(len(learner.lessons))


def test_the_same_lessons_give_the_same_table(learner: Learner) -> None:
    told: list[int] = []
    first = table(learner, CONTENT, everything(learner), told.append)
    assert first == table(Learner(taught()), CONTENT, everything(learner), told.append)
    assert told == [1, 2, 1, 2]
    assert "## Learned from 16 hits and 16 others." in first
    assert "## 8 of these are headlines, which are not part of Popgate." in first


def test_what_was_taught_is_told_apart(learner: Learner) -> None:
    known = Manners({"content": table(learner, CONTENT, everything(learner), lambda _: None)})
    for texts, kind in ((GAMES, "gambling"), (PAPERS, "forged_papers"), (SOBER, "")):
        for text in texts:
            numbers = {one[0] for one in known.find((text,))}
            likeness = known.weights["content"].likeness(numbers, root_of((text,)))
            assert (likeness.weight > 50) == bool(kind)
            assert not kind or likeness.kind == kind


def test_words_of_a_class_that_no_lesson_says_weigh_as_the_class_does(learner: Learner) -> None:
    model = learner.learn(everything(learner), CONTENT.is_hit)
    said = {gram for lesson in learner.lessons for text in lesson.letters for gram in text}
    unsaid = [word for word in model.weights if not set(word) & said]
    assert any(model.weights[word] > 0 for word in unsaid)


def test_hits_of_other_parts_teach_nothing_about_content() -> None:
    claim = Lesson(("治愈率高达百分之百",), "claims", "药品", "claims_a", 2)
    lawful = Lesson(("请按药品说明书使用",), "claims", "", "claims_a", 3)
    assert not CONTENT.learns_from(claim)
    assert CONTENT.learns_from(lawful)
    assert not CONTENT.is_hit(lawful)


def test_lessons_are_judged_by_what_others_taught(learner: Learner) -> None:
    found = checked(learner, "content", CONTENT, lambda _: None)
    assert (found.hits, found.passes) == (16, 8)
    lowest, *_, highest = found.cuts
    assert lowest.recall >= highest.recall
    assert set(found.strangers) == {"a", "b"}
    # Each file says what the other does.
    assert found.strangers["a"] == 1.0


def corpora(folder: Path) -> Path:
    rows = "".join(f"hit\tgambling\t{one}\t{one}\n" for one in GAMES)
    rows += "".join(f"pass\tgambling\t{one}\t{one}\n" for one in SOBER)
    (folder / "learning").mkdir()
    (folder / "learning" / "content_a.tsv").write_text(f"expect\tcategory\ttitle\tbody\n{rows}")
    (folder / "learning" / "news.tsv").write_text("expect\ttitle\tbody\npass\t今天\t多云\n")
    (folder / "prohibited_content.tsv").write_text("expect\tcategory\ttitle\tbody\n")
    (folder / "unlawful_claim.tsv").write_text("expect\tcategory\tevidence\ttitle\tbody\n")
    several = "".join(f"hit\tnews\t标题{number}\t正文\n" for number in range(40))
    (folder / "undeclared_advertising.tsv").write_text(f"expect\tkind\ttitle\tbody\n{several}")
    return folder


def test_what_is_kept_aside_is_never_learned_from(tmp_path: Path) -> None:
    headlines = tmp_path / "headlines.tsv"
    headlines.write_text("".join(f"society\t第{number}条新闻\n" for number in range(40)))
    found = lessons(corpora(tmp_path), headlines)
    ads = [one for one in found if one.part == "advertising"]
    assert 0 < len(ads) < 40
    assert {one.kind for one in ads} == {"news"}
    assert 0 < sum(one.part == HEADLINES for one in found) < 40


def test_the_command_writes_tables_that_are_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["learn", "--corpora", str(corpora(tmp_path))]
    absent = str(tmp_path / "absent.tsv")
    assert main([*words, "--headlines", absent, "--write", str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out
    assert "Skipped" in said
    assert "content:" in said
    text = (tmp_path / "new" / "content.tsv").read_text("utf-8")
    assert "gambling" in Manners({"content": text}).weights["content"].kinds
    assert main([*words, "--check"]) == 0
    assert "cross-validation, 4 违规 hits, 4 合规 passes" in capsys.readouterr().out


def test_nothing_to_learn_from_and_nothing_to_do_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["learn", "--corpora", str(tmp_path)]
    assert main(words) == 1
    assert "--check" in capsys.readouterr().err
    assert main([*words, "--check"]) == 1
    assert "nothing to learn from" in capsys.readouterr().err
