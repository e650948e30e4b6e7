"""What a rule may say and what a decision is: breach, finding, verdict, ruling."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from app.domain.values import dataclass


class Verdict(StrEnum):
    """How bad a finding is; the worst finding gives the decision's verdict."""

    ALLOW = "allow"
    HOLD = "hold"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """Order of severity: allow 0, hold 1, block 2."""
        return _RANKS[self]


_RANKS = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.BLOCK: 2}


class Topic(StrEnum):
    """What a finding is about; a closed set, so that a sender's program can react."""

    UNDECLARED_ADVERTISING = "undeclared_advertising"
    UNLAWFUL_CLAIM = "unlawful_claim"
    PROHIBITED_CONTENT = "prohibited_content"
    UNDESIRABLE_CONTENT = "undesirable_content"
    TITLE_DISTORTION = "title_distortion"
    CLICKBAIT = "clickbait"
    SOURCE_NOT_APPROVED = "source_not_approved"
    SOURCE_UNTRACEABLE = "source_untraceable"
    LICENCE = "licence"
    REHASH = "rehash"
    TOPIC_CLUSTERING = "topic_clustering"
    KIND_SHARE = "kind_share"
    AD_LABEL = "ad_label"
    ONE_TAP_CLOSE = "one_tap_close"
    PROVIDER_IDENTITY = "provider_identity"
    COMPLAINT_ENTRY = "complaint_entry"
    REDIRECT = "redirect"
    QR_CODE = "qr_code"
    CONTACT_BAIT = "contact_bait"
    INDUCEMENT = "inducement"
    AI_LABEL = "ai_label"
    PERSONAL_DATA = "personal_data"
    ALGORITHM = "algorithm"
    TAGS = "tags"
    MINORS = "minors"
    PARITY = "parity"
    FREQUENCY = "frequency"
    QUALIFICATION = "qualification"
    ADVERTISER = "advertiser"
    HUMAN_REVIEW = "human_review"
    EVASION = "evasion"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law, regulation, standard or house policy that rules cite."""

    id: str
    title_zh: str
    title_en: str
    in_force: date
    repealed: date | None = None
    house: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """An instrument and the clause in the text in force, with the draft's number if it differs."""

    instrument: Instrument
    clause: str
    draft_clause: str | None = None


Param = str | int | bool
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Breach:
    """What a rule noticed: a code with parameters, a JSON pointer and a span of code points."""

    code: str
    pointer: str
    span: Span | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    # A rule whose declaration says "block" may notice something that is not certain:
    # it may then ask for less, never for more (product page, promise 2).
    at_most: Verdict = Verdict.BLOCK


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """A rule that could not judge, since a fact was missing.

    `outage` is cleared by nothing and the push waits; an unknowable fact is cleared by a
    reviewer who states what was checked by hand. `span` is the place that was not read.
    """

    code: str
    pointer: str
    outage: bool
    params: Mapping[str, Param] = field(default_factory=dict)
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach or an unverifiable fact with its rule and verdict; texts are rendered from it."""

    rule: str
    topic: Topic
    verdict: Verdict
    code: str
    pointer: str
    span: Span | None
    params: Mapping[str, Param]
    unverifiable: str | None
    cleared_by: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The worst verdict that no ruling cleared, and all findings, in the order of the law."""

    verdict: Verdict
    rule_set: str
    rule_pack: str
    findings: tuple[Finding, ...]

    @property
    def waits_for_outage(self) -> bool:
        """Whether a fact could not be had; nothing clears that but the fact."""
        return any(finding.unverifiable == "outage" for finding in self.findings)

    @property
    def open_holds(self) -> tuple[str, ...]:
        """Ids of the rules that still hold the push, each once."""
        held = (
            finding.rule
            for finding in self.findings
            if finding.verdict is Verdict.HOLD and finding.cleared_by is None
        )
        return tuple(dict.fromkeys(held))


class RulingVerdict(StrEnum):
    """A human's answer to a hold."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A reviewer's decision, bound to the digest of the bytes that were seen.

    `reviewer` and `submitter` are persons ("staff:stf_…" or "sender:snd_…"); `clears` holds
    the ids of the rules whose holds the reviewer saw and cleared.
    """

    id: str
    push_id: str
    digest: str
    verdict: RulingVerdict
    reviewer: str
    submitter: str
    clause: str | None
    reason: str
    clears: tuple[str, ...]
    given_at: datetime
