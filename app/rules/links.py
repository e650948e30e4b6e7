"""What the address behind a tap says about where it leads, read as a browser would."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

WEB: Final = frozenset({"http", "https"})
DANGEROUS: Final = frozenset(
    {"javascript", "data", "file", "vbscript", "blob", "about", "view-source"}
)

# Browsers drop or rewrite these (a backslash becomes a slash), so that host and path move.
_MISLEADING: Final = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u200b-\u200f\u2028-\u202e\ufeff]")


@dataclass(frozen=True, slots=True)
class Target:
    """Scheme and host of an address; `readable` is false where parsers may disagree on it."""

    scheme: str
    host: str
    readable: bool
    user_info: bool


@lru_cache(maxsize=4096)
def target(url: str) -> Target:
    """Read an address; never raises."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        user_info = "@" in parts.netloc
    except ValueError:
        return Target("", "", readable=False, user_info=False)
    readable = _MISLEADING.search(url) is None and (bool(host) or parts.scheme not in WEB)
    return Target(parts.scheme, host_form(host), readable=readable, user_info=user_info)


def belongs(host: str, domains: tuple[str, ...]) -> bool:
    """Tell whether `host` is one of the domains or lies under one, label by label."""
    forms = (host_form(domain.strip().rstrip(".")) for domain in domains)
    return any(form and (host == form or host.endswith("." + form)) for form in forms)


def host_form(host: str) -> str:
    """Return a host name in lower case and ASCII where it has such a form."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()
