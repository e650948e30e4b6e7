"""Every word of the console in Chinese and English: one TOML file an area and language."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from app.errors import Words

LANGUAGES: Final = ("zh", "en")


class Texts:
    """The words of one language; call it with a key such as `staff.add.title`."""

    def __init__(self, language: str, found: Mapping[str, str]) -> None:
        """`found` maps whole keys to texts with `{name}` places."""
        self.language = language
        self._found = found

    def __call__(self, key: str, **values: object) -> str:
        """Return the text with its places filled; `n` picks between `key.one` and `key.other`.

        Raises KeyError for a key that is not in the catalogue.
        """
        if "n" in values and key not in self._found:
            key = f"{key}.one" if values["n"] == 1 else f"{key}.other"
        return self._found[key].format(**values)

    def has(self, key: str) -> bool:
        """Tell whether the catalogue has this key."""
        return key in self._found

    def say(self, words: Words) -> str:
        """Return a text that comes with both languages."""
        return words.en if self.language == "en" else words.zh

    def pick(self, both: Mapping[str, str]) -> str:
        """Return the text of a mapping from language to text."""
        return both[self.language]


@cache
def texts(language: str) -> Texts:
    """Return the words of `zh` or `en`."""
    return Texts(language, catalogue(language))


def catalogue(language: str) -> dict[str, str]:
    """Return every key with its text; the file's name is the first part of its keys."""
    found: dict[str, str] = {}
    folder = files("app.console").joinpath("texts", language)
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            found.update(_flat(table, file.name.removesuffix(".toml")))
    return found


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}.{name}")
        else:
            yield f"{prefix}.{name}", str(value)
