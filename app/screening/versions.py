"""Names what a report rests on besides the word lists: the engine and what the tables hold."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from app.screening.tokenizer import dictionary_version

# Raised with every change of what is found by the same tables.
_ENGINE: Final = "6"
_FOLDER: Final = Path(__file__).resolve().parent / "tables"
_TITLES: Final = ("baits", "names", "synonyms", "title_weights", "titles")
_DIGITS = 12


def table_groups() -> dict[str, list[Path]]:
    """Return all shipped tables, each once, by the name that their digest has in a version."""
    manner = sorted((_FOLDER / "manner").glob("*.tsv"))
    titles = [_FOLDER / f"{name}.txt" for name in _TITLES]
    stories = [_FOLDER / "story_weights.txt"]
    rest = sorted({*_FOLDER.rglob("*.t*")} - {*manner, *titles, *stories})
    return {"manner": manner, "titles": titles, "stories": stories, "words": rest}


def digest_of(paths: Iterable[Path]) -> str:
    """Return twelve hex digits that change with the name or any byte of some files."""
    read = sha256()
    for path in paths:
        data = path.read_bytes()
        read.update(f"{path.name} {len(data)}\n".encode())
        read.update(data)
    return read.hexdigest()[:_DIGITS]


@cache
def engine_version() -> str:
    """Return the version of the engine with those of Unicode, the dictionary and the tables.

    What it says decides, with the word lists, what is found in a text.
    """
    return ",".join(_parts())


def _parts() -> Iterator[str]:
    yield f"screening-{_ENGINE}"
    yield f"unicode-{unicodedata.unidata_version}"
    yield dictionary_version()
    yield from (f"{name}-{digest_of(paths)}" for name, paths in table_groups().items())
