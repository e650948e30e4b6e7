"""Finding the addresses inside an address: what redirects are told by parameter, path or code."""

import base64
import re
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from app.domain.signals import Span
from app.inspection.addresses import Address, has_known_suffix, read

# Names whose value is an address even where it is written without a scheme.
_NAMES_WORDS: Final = (
    "url uri u link href to go goto jump jumpto jumpurl target targeturl dest destination "
    "redirect redirecturl redirecturi redirectto redir rurl next nexturl continue return "
    "returnto returnurl callback callbackurl back backurl forward out outurl site page landing "
    "landingurl browserfallbackurl fallback fallbackurl"
)
_NAMES: Final = frozenset(_NAMES_WORDS.split())
_DEEPEST: Final = 3
_MOST_VALUES: Final = 64
_PAIR: Final = re.compile(r"[^&;]+")
# Without one of these there is nothing to look for: a scheme or two slashes, escapes, a long code,
# or a value with a dot.
_MAY_HOLD: Final = re.compile(r":|//|\\|%|[A-Za-z0-9+/_-]{12}|=[^&#]{0,300}\.")
_NAMED: Final = re.compile(r"[\W_]+")
_SHORTEST_CODE: Final = 12
_CODED: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
# Inside another text only what begins like an address counts; `//` alone is enough at the start.
_WHOLE: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]{1,40}:[/\\]|[/\\]{2}[^/\\\s])")
_WITHIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,40}:[/\\]{1,2}[^\s\"'<>]{2,}")
_BARE: Final = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}(?:[:/?#]|\Z)")


@dataclass(frozen=True, slots=True)
class Nested:
    """An address inside another; `name` is its parameter, empty in a path, `span` its place."""

    address: Address
    name: str
    span: Span


def nested(url: str) -> tuple[Nested, ...]:
    """Return every address that `url` carries, those inside those included, each host once."""
    if _MAY_HOLD.search(url, _authority_end(url)) is None:
        return ()
    found: dict[tuple[str, str], Nested] = {}
    for one in _inside(url, _DEEPEST):
        found.setdefault((one.address.scheme, one.address.host), one)
    return tuple(found.values())


def _inside(url: str, depth: int) -> Iterator[Nested]:
    for name, value, span in _values(url):
        for text in _addresses(name, value):
            address = read(text)
            yield Nested(address, name, span)
            if depth > 1:
                for deeper in _inside(text, depth - 1):
                    yield Nested(deeper.address, name, span)


def _values(url: str) -> Iterator[tuple[str, str, Span]]:
    """Yield name, value and place of every parameter of query and fragment, and of the path."""
    start = _authority_end(url)
    ends = [at for at in (url.find("?", start), url.find("#", start)) if at >= 0]
    end = min(ends, default=len(url))
    if start < end:
        yield "", url[start + 1 : end], (start, end)
    for number, match in enumerate(_PAIR.finditer(url, end + 1)):
        if number == _MOST_VALUES:
            return
        name, equals, value = match[0].rpartition("#")[2].partition("=")
        name = name.rpartition("?")[2] if equals else ""
        yield name, value if equals else match[0], match.span()


def _authority_end(url: str) -> int:
    """Return where the path begins: after the host, or after the scheme where there is none."""
    scheme = url.find(":")
    start = scheme + 1
    while start < len(url) and url[start] in "/\\":
        start += 1
    ends = [at for mark in "/\\?#" if (at := url.find(mark, start)) >= 0]
    return min(ends, default=len(url))


def _addresses(name: str, value: str) -> Iterator[str]:
    for text in _readings(value):
        if _WHOLE.match(text):
            yield text.strip()
            return
        match = _WITHIN.search(text)
        if match is not None:
            yield match[0]
            return
        if _plain(name) in _NAMES and _is_bare(text):
            yield f"https://{text}"
            return


def _readings(value: str) -> Iterator[str]:
    """Yield a value as it stands, its escapes undone once and twice, and decoded from base64."""
    seen = value
    yield seen
    for _ in range(_DEEPEST):
        plain = unquote(seen)
        if plain == seen:
            break
        seen = plain
        yield seen
    code = seen if _CODED.fullmatch(seen) else ""
    if len(code) >= _SHORTEST_CODE:
        yield from _decoded(code)


def _decoded(code: str) -> Iterator[str]:
    padded = code.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    padded += "=" * (-len(padded) % 4)
    try:
        text = base64.b64decode(padded, validate=True).decode()
    except (Base64Error, UnicodeDecodeError, ValueError):
        return
    yield unquote(text)


def _is_bare(text: str) -> bool:
    match = _BARE.match(text)
    return match is not None and has_known_suffix(match[0].rstrip(":/?#").lower())


def _plain(name: str) -> str:
    return _NAMED.sub("", name).lower()
