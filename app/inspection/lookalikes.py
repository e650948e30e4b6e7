"""Names that are made to be taken for another: foreign letters, one letter off, words added."""

import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from app.inspection.addresses import domain_of, shown_host
from app.rules.links import host_form

# Letters of other scripts, and digits, that look like a Latin letter in the fonts of browsers.
_STRANGE: Final = "асԁеҽһіјӏкморԛѕтυѵѡхуўзьвнгпαβγεηικνορτχωϲϳօոսɑɡıłøđħŧƅɩʟ01i5ß"
_PLAIN: Final = "acdeehijlkmopqstuvwxyyzbbhrnabyenikvoptxwcjonuagilodhtbilollsb"
_ALIKE: Final = str.maketrans(_STRANGE, _PLAIN)
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC", "THAI")
# A short name is one letter from too many others, and is a part of too many.
_SHORTEST: Final = 5
_LONGEST_LABEL: Final = 63


@lru_cache(maxsize=8192)
def imitated(host: str, declared: tuple[str, ...]) -> str | None:
    """Return the declared domain that a foreign host may be taken for, None if it is like none."""
    domain = domain_of(host)
    name = _name(domain)
    for one in declared:
        ours = host_form(one)
        own = domain_of(ours)
        if not own or domain == own:
            continue
        if _stands_within(host, ours) or (name and _is_like(name, _name(own))):
            return one
    return None


def mixes_scripts(host: str) -> bool:
    """Tell whether one label of a host has letters of two scripts that look alike."""
    return any(len(_scripts(label)) > 1 for label in shown_host(host).split("."))


def _stands_within(host: str, ours: str) -> bool:
    """Tell whether our name is the beginning or the middle of another's: ours.example.evil."""
    return f".{ours}." in f".{host}."


def _is_like(name: str, own: str) -> bool:
    if name == own:
        return True
    if _skeleton(name) == _skeleton(own):
        return True
    if min(len(name), len(own)) < _SHORTEST:
        return own in name.split("-")
    return own in name or OSA.distance(name, own, score_cutoff=1) <= 1


def _name(domain: str) -> str:
    """Return the label that somebody chose, in its own letters: `bank` of bank.com.cn."""
    return shown_host(domain.partition(".")[0])[:_LONGEST_LABEL]


@lru_cache(maxsize=4096)
def _skeleton(label: str) -> str:
    marked = unicodedata.normalize("NFKD", label.lower())
    bare = "".join(char for char in marked if not unicodedata.combining(char))
    text = bare.translate(_ALIKE)
    for two, one in _PAIRS:
        text = text.replace(two, one)
    return text.replace("-", "")


def _scripts(label: str) -> set[str]:
    """Return the alphabets of a label; digits, hyphens and ideographs go with every one."""
    if label.isascii():
        return set()
    names = (unicodedata.name(char, "").partition(" ")[0] for char in label if char.isalpha())
    return {name for name in names if name in _SCRIPTS}
