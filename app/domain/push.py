"""One popup push as its sender described it, validated and frozen."""

from datetime import datetime
from enum import StrEnum

from app.domain.registers import AdClass, ContentClass
from app.domain.values import dataclass


class ContentKind(StrEnum):
    """What a push carries; decides which rules apply (Provisions art. 5(2), 5(8))."""

    NEWS = "news"
    ADVERTISEMENT = "advertisement"
    GENERAL = "general"


class LinkTarget(StrEnum):
    """Where a tap on the popup leads."""

    IN_APP = "in_app"
    BROWSER = "browser"
    APP = "app"


class AudienceKind(StrEnum):
    """How the recipients of a push are named."""

    RECIPIENTS = "recipients"
    FILE = "file"
    SEGMENT = "segment"
    EVERYONE = "everyone"


class AiGenerated(StrEnum):
    """The sender's declaration under the AI labelling measures of 2025."""

    NO = "no"
    ASSISTED = "assisted"
    YES = "yes"


class MinorsAudience(StrEnum):
    """Whether minors are among the recipients."""

    EXCLUDED = "excluded"
    INCLUDED = "included"
    ONLY = "only"


class Urgency(StrEnum):
    """An emergency push goes first in the queue and is exempt from nothing."""

    NORMAL = "normal"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a tap on the popup leads."""

    url: str
    opens: LinkTarget


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the push; the bytes are kept apart under their SHA-256 (hex)."""

    sha256: str
    media_type: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a news push was taken from."""

    unit: str
    url: str | None
    title: str | None
    lead: str | None
    author: str | None
    editor: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Advertiser:
    """Who pays for an advertisement, and what proves its claims."""

    name: str
    credit_code: str | None
    category: str | None
    approval_number: str | None
    evidence: str | None
    ad_class: AdClass | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of the popup in density-independent pixels."""

    width_dp: int
    height_dp: int


@dataclass(frozen=True, slots=True)
class AdLabel:
    """The word that marks an advertisement; its box is size * characters by 1.2 * size."""

    text: str
    size_dp: int
    color: str
    background: str
    x_dp: int
    y_dp: int


@dataclass(frozen=True, slots=True)
class Close:
    """The close mark and how it behaves."""

    present: bool
    delay_ms: int
    taps: int
    width_dp: int
    height_dp: int
    color: str
    background: str
    x_dp: int
    y_dp: int
    opens_url: str | None
    reopens: bool


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the popup looks; every length in density-independent pixels."""

    frame: Frame
    provider_name: str
    body_size_dp: int
    ad_label: AdLabel | None
    close: Close
    complaint_entry: bool


@dataclass(frozen=True, slots=True)
class Personalisation:
    """Which model and fields chose the recipients, if any did."""

    used: bool
    model: str | None
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    consent_ref: str | None


@dataclass(frozen=True, slots=True)
class Audience:
    """The recipients by number and digest; the tokens themselves are kept apart.

    `sha256` is over the canonical form of the token list, in the order given;
    `size` and `sha256` are None where the gateway does not know the recipients.
    """

    kind: AudienceKind
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class PushRequest:
    """All that a sender hands in for one popup (product page, "The wire")."""

    external_id: str | None
    replaces: str | None
    kind: ContentKind
    surface: str
    title: str
    body: str
    link: Link | None
    images: tuple[Image, ...]
    source: Source | None
    advertiser: Advertiser | None
    presentation: Presentation
    ai_generated: AiGenerated
    personalisation: Personalisation
    audience: Audience
    minors: MinorsAudience
    topic: str | None
    rehash_reason: str | None
    not_before: datetime | None
    expires_at: datetime
    urgency: Urgency
    content_class: ContentClass | None = None
