"""Learns what the signs of a story told again weigh, from pairs of pushes judged by hand."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from app.evaluation.cases import read_rows
from app.evaluation.fitting import START, Example, Prior, as_rows
from app.screening.likeness import Story
from app.screening.retelling import retold_signs

_COLUMNS: Final = ("expect", "title", "body", "other_title", "other_body")
_OTHER: Final = 3.0
"""How much more a pair counts that is no retelling: a false hold costs an editor a ruling."""


def story_examples(folder: Path) -> Iterator[Example]:
    """Read the pairs of `learning/stories`; a contradiction decides before anything is weighed."""
    for path in sorted((folder / "learning" / "stories").glob("*.tsv")):
        for row in read_rows(path, _COLUMNS):
            one = Story.told_by(row["title"], row["body"])
            signs = retold_signs(one, Story.told_by(row["other_title"], row["other_body"]))
            is_hit = row["expect"] == "hit"
            if signs:
                yield Example(signs, is_hit, 1.0 if is_hit else _OTHER)


STORIES: Final = Prior(lambda _: 0.0, lambda name: 0.01 if name == START else 0.1)


def story_table(weights: Mapping[str, int]) -> Iterable[str]:
    """Yield the lines of the table of weights, the heaviest first."""
    yield "## What the signs of a story told again weigh where all of each is there; 60 holds."
    yield "## Written by `popgate learn --stories`; nobody edits it by hand."
    yield from as_rows(weights)
