"""Finding addresses that are written in the words of a push, however their dots are written."""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.signals import Span
from app.inspection.addresses import has_known_suffix
from app.rules.links import host_form

# Full-width letters, digits and the signs of an address stand one for one for the plain ones;
# commas, brackets and question marks end a sentence and stay.
_SIGNS: Final = frozenset("-./:=%&#_@")
_FOLD: Final = {
    code + 0xFEE0: code for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in _SIGNS
} | {ord("｡"): ord("。")}
_MAY_BE: Final = re.compile(r"[A-Za-z0-9\uff10-\uff5a][.。．｡][A-Za-z0-9\uff10-\uff5a]|[:：][/／]")
_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]{1,30}://"
_TAIL: Final = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,2000}"
_LABEL: Final = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_FOUND: Final = re.compile(
    rf"(?<![A-Za-z0-9@._/-])(?:(?P<whole>{_SCHEME}(?:[A-Za-z0-9.%@:\[\]-]{{1,300}}|[\w.-]{{1,253}}){_TAIL})"
    rf"|(?P<host>{_LABEL}(?:[.。]{_LABEL}){{1,8}})(?P<rest>(?::\d{{1,5}})?(?:[/?#]{_TAIL})?))"
)
_ALONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,40}:(?://)?[^\s]{1,4000}")
# What ends a sentence and hardly ever an address.
_TRAILING: Final = ".,;:!?)]}'\""
# Suffixes under which anybody registers: a Chinese full stop before one of them is no accident.
_OPEN_WORDS: Final = (
    "com cn net org cc top xyz vip club shop site online icu info biz tv me io co fun ltd link "
    "store work pro wang ink live app"
)
_OPEN: Final = frozenset(_OPEN_WORDS.split())
# Suffixes that end the names of files more often than hosts in running text.
_FILES_WORDS: Final = "zip mov md py sh rs pl so cab ps"
_FILES: Final = frozenset(_FILES_WORDS.split())


@dataclass(frozen=True, slots=True)
class Mention:
    """An address in a text: `url` is complete, a scheme added where the text has none."""

    url: str
    span: Span


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the addresses in a text, in order; their spans are of the original text."""
    if _MAY_BE.search(text) is None:
        return ()
    folded = text.translate(_FOLD)
    found = (_mention(match) for match in _FOUND.finditer(folded))
    return tuple(one for one in found if one is not None)


def address_in(text: str) -> str:
    """Return the address that a text as a whole is, as that of a code; empty if it is none."""
    plain = text.strip()
    if _ALONE.fullmatch(plain):
        return plain
    found = mentions(plain)
    whole = len(found) == 1 and found[0].span == (0, len(plain))
    return found[0].url if whole else ""


def _mention(match: re.Match[str]) -> Mention | None:
    start, _ = match.span()
    whole = match["whole"]
    if whole is not None:
        url = whole.rstrip(_TRAILING)
        return _at(url, start, url)
    host, rest = match["host"], match["rest"].rstrip(_TRAILING)
    if not _is_host(host):
        return None
    written = host + rest
    return _at(f"https://{host.replace('。', '.')}{rest}", start, written)


def _at(url: str, start: int, written: str) -> Mention:
    return Mention(url, (start, start + len(written)))


def _is_host(written: str) -> bool:
    host = host_form(written.replace("。", "."))
    suffix = host.rpartition(".")[2]
    if "。" in written and suffix not in _OPEN:
        return False
    return suffix not in _FILES and not suffix.isdigit() and has_known_suffix(host)
