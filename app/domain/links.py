"""Where an address leads, worked out before the rules run: a part of the facts."""

from enum import StrEnum

from app.domain.signals import Span
from app.domain.values import dataclass


class LinkSign(StrEnum):
    """What makes an address lead elsewhere than a reader or a declaration says."""

    NO_NAME = "no_name"
    SHORT = "short"
    REDIRECT = "redirect"
    LOOKALIKE = "lookalike"
    MIXED_SCRIPTS = "mixed_scripts"
    INTERNATIONAL = "international"
    APP_MARKET = "app_market"


class TrailOutcome(StrEnum):
    """How following a link's redirects ended; `PENDING` where somebody still has to."""

    PENDING = "pending"
    ENDED = "ended"
    TOO_LONG = "too_long"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LinkTrail:
    """Where the push's link led when it was followed; `hops` are the addresses after its own.

    `reason` is why it failed: `no_answer` or `address_refused`.
    """

    outcome: TrailOutcome
    hops: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkMark:
    """One sign on an address; `span` is a range of code points of the text at the pointer.

    `host` is what the sign speaks of: the target of a redirect, the declared domain that is
    imitated, the name as a reader sees it. `name` is the parameter that holds a redirect.
    """

    sign: LinkSign
    span: Span
    host: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """One address in a push, read as a browser reads it.

    `pointer` and `span` say where it stands, `address` is its canonical form, `host` in ASCII,
    `domain` the registrable domain of the host (empty for a number or a public suffix). An
    address without a host has none of the three. `port` is None where it is the scheme's own.
    """

    pointer: str
    span: Span
    address: str
    scheme: str
    host: str
    domain: str
    port: int | None = None
    marks: tuple[LinkMark, ...] = ()
