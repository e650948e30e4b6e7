"""Reading an address as a browser does, into one canonical form (WHATWG URL, in short)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import unquote

from publicsuffixlist import PublicSuffixList

from app.rules.links import WEB, host_form

PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,40}):")
_DROPPED: Final = re.compile(r"[\t\n\r]")
_EDGES: Final = "".join(map(chr, range(0x21)))
_AUTHORITY_ENDS: Final = re.compile(r"[/?#]")
_NUMBER: Final = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ONE_DOT: Final = frozenset({".", "%2e"})
_TWO_DOTS: Final = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})
_OCTETS: Final = 4
_BYTE: Final = 256
_HIGHEST_PORT: Final = 65_535

_SUFFIXES: Final = PublicSuffixList(accept_unknown=False)


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address; `port` is None where it is the scheme's own or none is given."""

    scheme: str
    host: str
    port: int | None
    user_info: bool
    path: str
    query: str
    fragment: str

    @property
    def text(self) -> str:
        """The canonical form, without user information."""
        port = "" if self.port is None else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = f"//{host}{port}" if host else ""
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}:{place}{self.path}{query}{fragment}"

    @property
    def is_number(self) -> bool:
        """Whether the host is an IP address and no name."""
        return is_number(self.host)


def read(url: str, base: str = "https") -> Address:
    """Read an address; never raises. One that begins with `//` takes the scheme `base`."""
    text = _DROPPED.sub("", url.strip(_EDGES))
    match = _SCHEME.match(text)
    scheme = base if match is None else match[1].lower()
    rest = text if match is None else text[match.end() :]
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    if scheme in PORTS:
        return _of_the_web(scheme, rest.replace("\\", "/").lstrip("/"), query, fragment)
    place, path = "", rest
    if rest.startswith("//"):
        place, path = _split_authority(rest[2:])
    host = unquote(place.rpartition("@")[2]).lower()
    return Address(scheme, host, None, "@" in place, path, query, fragment)


@lru_cache(maxsize=8192)
def domain_of(host: str) -> str:
    """Return the registrable domain of an ASCII host name.

    Empty for an address in numbers, one label alone, and a suffix that strangers register under.
    """
    if is_number(host) or "." not in host:
        return ""
    known = _SUFFIXES.privatesuffix(host)
    if known is not None:
        return str(known)
    return "" if _SUFFIXES.publicsuffix(host) == host else ".".join(host.split(".")[-2:])


def has_known_suffix(host: str) -> bool:
    """Tell whether somebody can register the name: its last labels are in the public list."""
    return _SUFFIXES.privatesuffix(host) is not None


def is_number(host: str) -> bool:
    """Tell whether a canonical host is an IPv4 or IPv6 address."""
    return ":" in host or _is_ipv4(host)


def shown_host(host: str) -> str:
    """Return a host as a reader may see it: internationalised labels in their own letters."""
    return ".".join(map(_shown_label, host.split(".")))


def _of_the_web(scheme: str, rest: str, query: str, fragment: str) -> Address:
    place, path = _split_authority(rest)
    user, at, server = place.rpartition("@")
    host, port = _split_port(server)
    number = None if port in {None, PORTS[scheme]} else port
    path = _escapes(_without_dots(path))
    return Address(scheme, _host(host), number, bool(at or user), path, query, fragment)


def _split_authority(rest: str) -> tuple[str, str]:
    match = _AUTHORITY_ENDS.search(rest)
    return (rest, "") if match is None else (rest[: match.start()], rest[match.start() :])


def _split_port(server: str) -> tuple[str, int | None]:
    host, colon, port = server.rpartition(":")
    if not colon or "]" in port:
        return server, None
    if not port:
        return host, None
    is_port = port.isascii() and port.isdigit() and int(port[:6]) <= _HIGHEST_PORT
    return (host, int(port)) if is_port else (server, None)


def _host(text: str) -> str:
    """Return the host in lower-case ASCII: escapes undone, odd dots and numbers made plain."""
    if text.startswith("["):
        return _ipv6(text.strip("[]"))
    name = host_form(unquote(text)).rstrip(".").lower()
    return _ipv4(name) or name


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text.partition("%")[0]))
    except AddressValueError:
        return text.lower()


def _ipv4(name: str) -> str:
    """Return a dotted address for any notation of browsers: 127.1, 0x7f000001, 0177.0.0.1."""
    parts = name.split(".")
    if not 1 <= len(parts) <= _OCTETS or not all(map(_NUMBER.fullmatch, parts)):
        return ""
    numbers = [_number(part) for part in parts]
    *first, last = numbers
    room = _BYTE ** (_OCTETS + 1 - len(parts))
    if any(number >= _BYTE for number in first) or not 0 <= last < room or -1 in first:
        return ""
    value = last
    for place, number in enumerate(first):
        value += number * _BYTE ** (_OCTETS - 1 - place)
    return str(IPv4Address(value))


def _number(text: str) -> int:
    """Return one part of an address, -1 where it is none (089)."""
    try:
        if text[:2] in {"0x", "0X"}:
            return int(text[2:] or "0", 16)
        return int(text, 8 if len(text) > 1 and text.startswith("0") else 10)
    except ValueError:
        return -1


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == _OCTETS and all(part.isascii() and part.isdigit() for part in parts)


def _without_dots(path: str) -> str:
    kept: list[str] = []
    steps = path.split("/")
    for step in steps:
        if step.lower() in _TWO_DOTS:
            if len(kept) > 1:
                kept.pop()
        elif step.lower() not in _ONE_DOT:
            kept.append(step)
    if steps[-1].lower() in _ONE_DOT | _TWO_DOTS:
        kept.append("")
    return "/".join(kept)


def _escapes(path: str) -> str:
    return _ESCAPE.sub(_escape, path)


def _escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _shown_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def is_web(scheme: str) -> bool:
    """Tell whether a scheme is that of a web page."""
    return scheme in WEB
