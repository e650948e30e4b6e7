"""The texts that the judgements of manner learn from: of our own writing, and ordinary headlines.

What is kept aside in a corpus is never among them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.evaluation.cases import CORPORA, Row, read_rows
from app.evaluation.measures import is_for_tuning
from app.screening.content import vocabulary
from app.screening.content_words import plain

LEARNING: Final = "learning"
HEADLINES: Final = "headlines"
# What the corpora call a kind of content otherwise than the rules do.
_CALLED: Final = {"disaster_rendering": "disaster"}
# Files of the learning folder by the beginning of their names, with the corpus that is like them.
_LIKE: Final = {
    "content": "prohibited_content",
    "claims": "unlawful_claim",
    "advertising": "undeclared_advertising",
}
_NEWS: Final = ("expect", "title", "body")


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text as folded letters, what it belongs to, and what of that it is an example of.

    `part` is content, claims, advertising, news or headlines; `kind` is the corpus's group of a
    hit and empty for whatever passes; `file` and `line` say where it stands.
    """

    letters: tuple[str, ...]
    part: str
    kind: str
    file: str
    line: int


def lessons(folder: Path, headlines: Path | None) -> list[Lesson]:
    """Read what a folder of corpora has and, if given, headlines.

    Invalid names a line that does not fit.
    """
    found = list(_corpora(folder))
    if headlines is not None:
        found += _headlines(headlines)
    return found


def _corpora(folder: Path) -> Iterator[Lesson]:
    for path in sorted((folder / LEARNING).glob("*.tsv")):
        part = path.stem.partition("_")[0]
        columns = CORPORA[_LIKE[part]].columns if part in _LIKE else _NEWS
        for line, row in enumerate(read_rows(path, columns), 2):
            yield _lesson(row, part, path.stem, line)
    for part, name in _LIKE.items():
        path = folder / f"{name}.tsv"
        if path.is_file():
            yield from _tuned_on(path, CORPORA[name].columns, part)


def _tuned_on(path: Path, columns: tuple[str, ...], part: str) -> Iterator[Lesson]:
    for line, row in enumerate(read_rows(path, columns), 2):
        if is_for_tuning("\t".join(row[column] for column in columns if column != "expect")):
            yield _lesson(row, part, path.stem, line)


def _headlines(path: Path) -> Iterator[Lesson]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        title = line.partition("\t")[2]
        if title and is_for_tuning(title):
            yield Lesson(_letters(title), HEADLINES, "", HEADLINES, number)


def _lesson(row: Row, part: str, file: str, line: int) -> Lesson:
    kind = row.get("category") or row.get("kind") or ""
    kind = _CALLED.get(kind, kind) if row["expect"] == "hit" else ""
    return Lesson(_letters(row["title"], row["body"]), part, kind, file, line)


def _letters(*texts: str) -> tuple[str, ...]:
    return tuple(plain(vocabulary().folder.fold(text)) for text in texts)
