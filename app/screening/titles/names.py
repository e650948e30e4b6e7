"""Find the names of people, places and bodies in a text, and say whether the original has them."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

from app.screening.tables import alias_groups
from app.screening.tokenizer import TaggedWord

_SUFFIX: Final = re.compile(
    r"(?:特别行政区|自治[区州县]|[新地]区|[省市区县州国镇乡村岛湾队]|[男女][篮足排])$"
)
_LATIN: Final = re.compile(r"[a-z][a-z0-9]*(?:[ -]?\d+[a-z]*)?|\d+[a-z]+(?![a-z])")
_NAMING: Final = frozenset({"ns", "nt", "nr", "nrt"})
_SHORT_BODY: Final = 5
_COMMON: Final = frozenset({"a", "app", "ai", "vs", "pk", "ok", "tv", "km", "kg", "mm", "cm"})


class Name(NamedTuple):
    """A name at its place; `kind` is person, place, body or latin."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the name ends, not included."""
        return self.start + len(self.text)

    @property
    def is_person(self) -> bool:
        """Whether somebody is named."""
        return self.kind == "person"


def names(text: str, words: Iterable[TaggedWord], start: int = 0) -> Iterator[Name]:
    """Yield the names among words, then those in Latin letters of the text from a place on."""
    listed = _kinds()
    for word, tag, at in words:
        if tag in _NAMING or word in listed:
            kind = _kind(word, tag)
            if kind:
                yield Name(kind, word, at)
    for found in _masked().finditer(text, start) if "某" in text else ():
        yield Name("person", found.group(), found.start())
    for found in _LATIN.finditer(text, start):
        if found.group() not in _COMMON:
            yield Name("latin", found.group(), found.start())


def _kind(word: str, tag: str) -> str:
    known = _kinds().get(word)
    if known is not None:
        return known
    if len(word) < 2 or word in _listed("plain") or not "\u4e00" <= word[0] <= "\u9fff":  # noqa: PLR2004
        return ""
    if tag == "ns":
        return "place"
    if tag == "nt":
        return "body"
    is_guess = tag == "nr" and word[0] in _surnames() and len(word) <= 4  # noqa: PLR2004
    if tag == "nrt" or (is_guess and word[1:] != "子"):
        return "person"
    return ""


def is_named(name: Name, text: str) -> bool:
    """Say whether a text has the name, in full, in short or by another name for the same."""
    if name.text in text:
        return True
    core = _SUFFIX.sub("", name.text)
    if len(core) > 1 and core in text:
        return True
    if any(other in text for other in _aliases().get(name.text, ())):
        return True
    if name.kind == "person":
        return False
    short = 2 if name.kind == "place" else _SHORT_BODY
    return len(name.text) <= short and set(name.text) <= set(text)


@cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(word for name, words in alias_groups() if name == kind for word in words)


@cache
def _kinds() -> dict[str, str]:
    """Return the names of bodies and countries of more than one letter; the tagger lacks some."""
    return {
        name: "body" if kind == "body" else "place"
        for kind, group in alias_groups()
        if kind in {"body", "country"}
        for name in group
        if len(name) > 1
    }


@cache
def _surnames() -> frozenset[str]:
    return frozenset("".join(_listed("surname")))


@cache
def _masked() -> re.Pattern[str]:
    """Match a name that is given in part, as 王某 and 李某某."""
    return re.compile(f"[{''.join(sorted(_surnames()))}]某某?")


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for kind, group in alias_groups():
        if kind in {"plain", "surname"}:
            continue
        for name in group:
            groups[name] = (*groups.get(name, ()), *group)
    return groups


def is_listed(name: str) -> bool:
    """Say whether the table has the name: no tagger's guess then."""
    return name in _aliases()


@cache
def foreign() -> frozenset[str]:
    """Return the names of other countries and of international bodies that stand for one."""
    return frozenset(group[0] for kind, group in alias_groups() if kind == "country")
