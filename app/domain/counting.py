"""Since when each cap of a policy has counted what is sent: of what left before, rows alone tell.

A cap goes on with its counts from one version of the policy to the next while it counts the same in
the same way. One that is new, counts something else or elsewhere, or binds where it was a shadow
begins anew, and so does one that comes back after it was gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.canonical import canonical_bytes, sha256_digest
from app.domain.cap_json import cap_json
from app.domain.policy import Cap

_NOT_COUNTED_BY = ("limit", "over", "source", "house", "from", "percent", "broadcast")


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of the policy by its number, and the instant from which it was in force."""

    number: int
    starts: datetime
    caps: Sequence[Cap]


@dataclass(frozen=True, slots=True)
class CountedCap:
    """A cap, and since when all that it covers has been counted for it as it was sent.

    `name` tells this count from every other one: what is counted, how, and since which version.
    """

    cap: Cap
    since: datetime
    name: str


def counted_caps(versions: Sequence[InForce]) -> tuple[CountedCap, ...]:
    """Return the caps of the policy in force, those whose day has not come too.

    `versions` are what has been in force, the last first.
    """
    named = [(one, {_what(cap): cap for cap in one.caps}) for one in versions]
    return tuple(_counted(what, cap, named) for what, cap in (named[0][1] if named else {}).items())


def _counted(what: str, cap: Cap, versions: Sequence[tuple[InForce, dict[str, Cap]]]) -> CountedCap:
    first = versions[0][0]
    since = max(first.starts, cap.effective_from or first.starts)
    for version, caps in versions[1:]:
        same = caps.get(what)
        if same is None or since > first.starts:
            break
        begins = max(version.starts, same.effective_from or version.starts)
        if begins > first.starts:
            # Its day had not come before the next version was in force.
            break
        first, since = version, begins
    return CountedCap(cap, since, f"{what}@{first.number}@{since.isoformat()}")


def _what(cap: Cap) -> str:
    """Name what a cap counts and how, whatever else it says."""
    value = {key: part for key, part in cap_json(cap).items() if key not in _NOT_COUNTED_BY}
    for key in ("covers", "per"):
        value[key] = _sorted(value.get(key))
    return sha256_digest(canonical_bytes(value))[-16:]


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: sorted(names) for key, names in value.items()}
    return sorted(value) if isinstance(value, list) else value
