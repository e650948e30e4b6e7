"""What the address behind a tap says about where it leads, read as a browser would."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from app.domain.facts import Facts, Unknown
from app.domain.links import LinkFacts, LinkSign
from app.domain.signals import Signal

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


def facts_at(facts: Facts, *pointers: str) -> tuple[LinkFacts, ...]:
    """Return what is known of the addresses that stand at the pointers, in order."""
    return tuple(link for link in facts.links if link.pointer in pointers)


def has_sign(facts: Facts, pointer: str, sign: LinkSign) -> bool:
    """Tell whether an address at the pointer has the sign."""
    return any(mark.sign is sign for link in facts_at(facts, pointer) for mark in link.marks)


def belongs(host: str, domains: tuple[str, ...]) -> bool:
    """Tell whether `host` is one of the domains or lies under one, label by label."""
    forms = (host_form(domain.strip().rstrip(".")) for domain in domains)
    return any(form and (host == form or host.endswith("." + form)) for form in forms)


def is_own_contact(signal: Signal, facts: Facts) -> bool:
    """Say whether a contact is the surface's complaint contact or a domain of the provider."""
    value = str(signal.params["value"])
    if signal.kind == "site":
        return belongs(value, facts.provider.link_domains)
    if isinstance(facts.surface, Unknown):
        return False
    contact = facts.surface.complaint_contact
    return value in (contact, "".join(filter(str.isdigit, contact)))


def declares_scheme(scheme: str, declared: tuple[str, ...]) -> bool:
    """Tell whether an app scheme is declared, as `name://` among the domains."""
    return f"{scheme}://" in declared


def host_form(host: str) -> str:
    """Return a host name in lower case and ASCII where it has such a form."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()
