"""`popgate learn`: learns the weights of the judgements of manner again, the same every time."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from app.commands.progress import Progress
from app.commands.refusals import unusable
from app.evaluation.checking import Checked, checked
from app.evaluation.fitting import Example, Prior, learned
from app.evaluation.learning import Learner
from app.evaluation.lessons import lessons
from app.evaluation.story_weights import STORIES, story_examples, story_table
from app.evaluation.teaching import JUDGEMENTS, table
from app.evaluation.title_weights import TITLES, title_examples, title_table


def run(args: argparse.Namespace) -> int:
    """Write a table for each judgement, or with `--check` say how well others would be judged.

    With `--titles` write what changes of a title weigh, with `--stories` what the signs of a story
    told again weigh, and nothing else.

    An absent file of headlines is skipped, since the headlines are not part of Popgate. Raises
    Invalid where there is nothing to learn from, or a line does not fit.
    """
    if args.titles is not None or args.stories is not None:
        return _weights(args)
    if not args.check and args.write is None:
        raise unusable("--write", "请给出 --write 或 --check", "Give one, or --check")
    headlines = args.headlines
    if headlines is not None and not headlines.is_file():
        print(f"已跳过：没有文件 {headlines}。 Skipped: there is no file {headlines}.")
        headlines = None
    known = lessons(args.corpora, headlines)
    if not known:
        raise unusable("--corpora", "没有训练文本", "There is nothing to learn from")
    learner = Learner(known)
    for name, judgement in JUDGEMENTS.items():
        with Progress(name) as progress:
            if args.check:
                print("\n".join(_told(name, checked(learner, name, judgement, progress.reached))))
                continue
            text = table(learner, judgement, range(len(known)), progress.reached)
        args.write.mkdir(parents=True, exist_ok=True)
        (args.write / f"{name}.tsv").write_text(text, "utf-8")
        print(f"{name}: {text.count(chr(10))} 行 lines")
    return 0


def _weights(args: argparse.Namespace) -> int:
    if args.titles is not None:
        known = list(title_examples(args.corpora))
        _written(args.titles, title_table(_learned("标题", "titles", known, TITLES)))
    if args.stories is not None:
        known = list(story_examples(args.corpora))
        _written(args.stories, story_table(_learned("报道", "stories", known, STORIES)))
    return 0


def _learned(zh: str, en: str, known: Sequence[Example], prior: Prior) -> dict[str, int]:
    if not known:
        raise unusable("--corpora", f"没有{zh}语料", f"There are no {en} to learn from")
    return learned(known, prior)


def _written(file: Path, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    file.write_text(text, "utf-8")
    print(f"{file.name}: {text.count(chr(10))} 行 lines")


def _told(name: str, found: Checked) -> Iterator[str]:
    yield f"{name}: 交叉验证 cross-validation, {found.hits} 违规 hits, {found.passes} 合规 passes"
    for one in found.cuts:
        yield (
            f"  ≥ {one.weight}: 召回 recall {one.recall:.1%}，"
            f"误命中 false hits {one.false_hits:.1%}，标题 headlines {one.headlines:.2%}"
        )
    for file, recall in found.strangers.items():
        yield f"  {file} 未参与训练时 when it was not learned from: {recall:.1%}"
