"""The source list in memory: matching a quoted source by name, alias and domain."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from urllib.parse import urlsplit

from app.domain.canonical import canonical_bytes, sha256_digest
from app.domain.facts import DomainMatch, SourceFacts
from app.domain.push import Source

_BRACKETS = str.maketrans("", "", "《》〈〉「」『』“”\"' \u3000")


# The second level of .cn: by kind and by province (China Internet domain name system).
_SHARED_UNDER_CN = re.compile(
    r"(ac|com|edu|gov|mil|net|org|ah|bj|cq|fj|gd|gs|gx|gz|ha|hb|he|hi|hk|hl|hn|jl|js|jx|ln|mo|nm"
    r"|nx|qh|sc|sd|sh|sn|sx|tj|tw|xj|xz|yn|zj)\.cn"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of an edition; `status` is listed, unconfirmed or confirmed."""

    name: str
    category: str
    region: str
    entry_type: str
    domains: tuple[str, ...]
    status: str

    @property
    def may_match(self) -> bool:
        """Whether the unit counts; an unconfirmed one waits for an admin."""
        return self.status != "unconfirmed"


def name_key(name: str) -> str:
    """Return the form in which names are compared: width, case, blanks and quotation removed."""
    return unicodedata.normalize("NFKC", name).translate(_BRACKETS).casefold()


def host_of(url: str) -> str | None:
    """Return the lower-case host of an absolute http(s) URL without a final dot, or None."""
    # Browsers read a backslash as a slash, and drop tabs and line breaks; urlsplit does not.
    if not url.isprintable() or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    return host.rstrip(".").lower()


def is_shared_suffix(domain: str) -> bool:
    """Tell whether strangers register their names right under this one."""
    return _SHARED_UNDER_CN.fullmatch(domain) is not None


def host_belongs(host: str, domain: str) -> bool:
    """Tell whether `host` is `domain` or below it, by whole labels (no substring tricks).

    `www.` of a domain stands for the domain, but for a suffix that many share: `www.gov.cn` is
    one site, and `gov.cn` is everybody's.
    """
    whole = domain.lower().rstrip(".")
    base = whole.removeprefix("www.")
    if is_shared_suffix(base):
        return host == whole
    return host == base or host.endswith("." + base)


@dataclass(frozen=True, slots=True)
class SourceList:
    """An edition ready for matching."""

    edition: str
    digest: str
    units: Mapping[str, Unit]
    aliases: Mapping[str, str]

    def match(self, source: Source) -> SourceFacts:
        """Say what this edition knows of the quoted source."""
        key = name_key(source.unit)
        by_alias = key not in self.units and key in self.aliases
        unit = self.units.get(self.aliases[key] if by_alias else key)
        return SourceFacts(
            edition=self.edition,
            unit=None if unit is None else unit.name,
            by_alias=by_alias and unit is not None,
            domain=_domain_match(source.url, () if unit is None else unit.domains),
            unit_domains=() if unit is None else unit.domains,
        )


def _domain_match(url: str | None, domains: tuple[str, ...]) -> DomainMatch:
    host = None if url is None else host_of(url)
    if host is None:
        return DomainMatch.NO_ADDRESS
    if not domains:
        return DomainMatch.UNIT_HAS_NONE
    if any(host_belongs(host, domain) for domain in domains):
        return DomainMatch.MATCHES
    return DomainMatch.DIFFERS


def build_source_list(label: str, units: Iterable[Unit], aliases: Mapping[str, str]) -> SourceList:
    """Return the list that matches: confirmed and listed units, aliases that lead to one."""
    by_key = {name_key(unit.name): unit for unit in units if unit.may_match}
    alias_keys = {name_key(alias): name_key(name) for alias, name in aliases.items()}
    digest = list_digest(by_key.values())
    return SourceList(
        edition=f"{label}@{digest.removeprefix('sha256:')[:12]}",
        digest=digest,
        units=by_key,
        aliases={alias: key for alias, key in alias_keys.items() if key in by_key},
    )


def list_digest(units: Iterable[Unit]) -> str:
    """Return the digest over all that matters for matching, in the order of names."""
    rows: list[object] = [
        [unit.name, list(unit.domains), unit.status]
        for unit in sorted(units, key=lambda unit: unit.name)
    ]
    return sha256_digest(canonical_bytes(rows))


def shipped_aliases() -> dict[str, str]:
    """Return our table of short names, alias to listed unit."""
    text = resources.files("app.packs").joinpath("aliases.toml").read_text(encoding="utf-8")
    return {alias: str(unit) for alias, unit in tomllib.loads(text).items()}
