"""What was measured as lines for a terminal and as the page `docs/quality.md`."""

from collections.abc import Iterable, Iterator
from typing import Final

from app.evaluation.measures import Half, Measured, wilson

_HEAD: Final = """\
# Quality of the judgements · 判定质量

Written by `popgate evaluate --write docs/quality.md`; nobody edits it by hand. The corpora are of
our own writing (`tests/corpora/README.md`), the headlines are not part of Popgate. A hash of the
text puts every case into the tuning half or into the half kept aside, which nobody looks at while
tuning; the latter alone is judged. Intervals are 95 % after Wilson.

由 `popgate evaluate --write docs/quality.md` 生成，请勿手工修改。语料均为自行编写，按文本
哈希分为调优与留出两半：调优时不看留出部分，达标与否只看留出部分。区间为 95 % Wilson 区间。
"""
_COLUMNS: Final = (
    "corpus 语料",
    "goal 目标",
    "recall, tuning 召回（调优）",
    "false hits, tuning 误命中（调优）",
    "recall, kept aside 召回（留出）",
    "false hits, kept aside 误命中（留出）",
    "",
)
_MET: Final = {True: "达标 met", False: "未达标 missed"}


def lines(measured: Measured) -> Iterator[str]:
    """Yield both halves of a corpus with their intervals, and whether the goal was met."""
    yield f"{measured.name}: {_MET[measured.is_met]}（{_goal(measured)}）"
    yield f"  调优 tuning     {_figures(measured.tuning)}"
    yield f"  留出 kept aside {_figures(measured.kept)}"


def details(measured: Measured) -> Iterator[str]:
    """Yield by group what the tuning half missed, and its misses; the other half stays unseen."""
    half = measured.tuning
    for group in sorted(half.groups):
        if group:
            yield f"    {group}: {half.found_in[group]}/{half.groups[group]}"
    yield from (f"    漏 miss  {name}" for name in half.missed)
    yield from (f"    误 false {name}" for name in half.hit_wrongly)


def page(everything: Iterable[Measured], versions: Iterable[str]) -> str:
    """Return the page that keeps the figures, in both languages."""
    rows = [
        f"| {one.name} | {_goal(one)} | {_recall(one.tuning)} | {_false(one.tuning)} "
        f"| {_recall(one.kept)} | {_false(one.kept)} | {_MET[one.is_met]} |"
        for one in everything
    ]
    told = (f"- {version}" for version in versions)
    head = f"| {' | '.join(_COLUMNS)} |"
    return "\n".join([_HEAD, *told, "", head, "| --- " * len(_COLUMNS) + "|", *rows, ""])


def _figures(half: Half) -> str:
    return f"召回 recall {_recall(half)}，误命中 false hits {_false(half)}"


def _recall(half: Half) -> str:
    return _share(half.found, half.wanted)


def _false(half: Half) -> str:
    return _share(half.hit, half.ordinary)


def _share(hits: int, of: int) -> str:
    if not of:
        return "–"
    low, high = wilson(hits, of)
    digits = 0 if of < _MANY else 2
    return f"{hits}/{of} = {hits / of:.{digits}%} ({low:.{digits}%}–{high:.{digits}%})"


_MANY: Final = 1000


def _goal(measured: Measured) -> str:
    goal = measured.goal
    recall = [] if goal.recall is None else [f"≥ {goal.recall:.0%}"]
    false_hits = [] if goal.false_hits is None else [f"≤ {goal.false_hits:.1%}"]
    return ", ".join(recall + false_hits)
