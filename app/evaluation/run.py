"""Puts every case through the gateway and counts what was found."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from app.domain.decision import Topic
from app.evaluation.bench import Bench
from app.evaluation.cases import CORPORA, DISGUISED, Corpus, malformed, news_push
from app.evaluation.measures import Goal, Measured

EVASION: Final = "evasion"

_HEADLINE_TOPICS: Final = {
    "headlines: prohibited or undesirable": (
        frozenset({Topic.PROHIBITED_CONTENT, Topic.UNDESIRABLE_CONTENT, Topic.MINORS}),
        Goal(recall=None, false_hits=0.005),
    ),
    "headlines: undeclared advertising": (
        frozenset({Topic.UNDECLARED_ADVERTISING}),
        Goal(recall=None, false_hits=0.01),
    ),
    "headlines: click bait and distortion": (
        frozenset({Topic.CLICKBAIT, Topic.TITLE_DISTORTION}),
        Goal(recall=None, false_hits=0.02),
    ),
}

Told = Callable[[int], None]


def corpora_in(folder: Path, only: str | None) -> Iterator[tuple[str, Path]]:
    """Yield the name and file of each corpus of a folder that `only`, if given, names.

    Raises Invalid for a folder without any.
    """
    known = [(name, folder / f"{name}.tsv") for name in CORPORA]
    known += [(f"{EVASION}/{path.stem}", path) for path in sorted((folder / EVASION).glob("*.tsv"))]
    found = [(name, path) for name, path in known if path.is_file()]
    if only is not None:
        found = [(name, path) for name, path in found if only in (name, name.partition("/")[0])]
    if not found:
        raise malformed(f"目录 {folder} 没有语料", f"there are no corpora in {folder}")
    yield from found


def check_corpora(folder: Path, only: str | None) -> None:
    """Raise Invalid for a line that does not fit, before a gateway is made for what comes first."""
    for name, path in corpora_in(folder, only):
        for _ in CORPORA.get(name, DISGUISED).cases(path):
            pass


def check_headlines(path: Path) -> None:
    """Raise Invalid for a line that is no headline."""
    for _ in _titles(path):
        pass


async def measure(bench: Bench, name: str, path: Path, told: Told) -> Measured:
    """Measure one corpus; `told` hears how many of its cases are done."""
    return await _decide(bench, name, CORPORA.get(name, DISGUISED), path, told)


def ordinary(measured: Iterable[Measured]) -> Measured:
    """Return the ordinary texts of several corpora as one, to judge false hits alone."""
    whole = Measured(f"{EVASION}: ordinary texts of all techniques", Goal(None, 0.03))
    for one in measured:
        for half, part in ((whole.tuning, one.tuning), (whole.kept, one.kept)):
            half.ordinary += part.ordinary
            half.hit += part.hit
    return whole


async def measure_headlines(bench: Bench, path: Path, told: Told) -> list[Measured]:
    """Submit each headline as news whose source has the same title; nothing ought to be found."""
    measured = {
        name: (topics, Measured(name, goal)) for name, (topics, goal) in _HEADLINE_TOPICS.items()
    }
    for number, title in enumerate(_titles(path), 1):
        decision = await bench.decide(news_push(title, f"{title}。", title, f"{title}。"))
        found = {finding.topic for finding in decision.findings}
        rules = ",".join(sorted({one.rule for one in decision.findings} - {"human-review"}))
        for topics, one in measured.values():
            hit = not topics.isdisjoint(found)
            one.half(title).add(f"{title}\t{rules}", "", wanted=False, found=hit)
        told(number)
    return [one for _, one in measured.values()]


async def _decide(bench: Bench, name: str, corpus: Corpus, path: Path, told: Told) -> Measured:
    measured = Measured(name, corpus.goal)
    for number, case in enumerate(corpus.cases(path), 1):
        if case.earlier is not None:
            await bench.submit(case.earlier, f"{name}-{number}")
        decision = await bench.decide(case.body)
        said = [finding for finding in decision.findings if finding.topic in corpus.topics]
        rules = ",".join(sorted({finding.rule for finding in said}))
        shown = f"{case.key}\t{rules}" if said else case.key
        half = measured.half(case.key)
        half.add(shown, case.group, wanted=case.wanted, found=bool(said))
        told(number)
    return measured


def _titles(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        _, tab, title = line.partition("\t")
        if not tab or not title.strip():
            raise malformed(
                f"第 {number} 行不是 类别<TAB>标题", f"line {number} is not class<TAB>title"
            )
        yield title
