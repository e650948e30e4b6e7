"""A push on the wire: every field that a sender may send, with its type and limit."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Field, JsonValue

from app.domain.push import AiGenerated, ContentKind, LinkTarget, MinorsAudience, Urgency
from app.domain.registers import AdClass, ContentClass
from app.pushes.fields import (
    NO_CONTROL,
    NO_NUL,
    Color,
    Label,
    LeadText,
    Length,
    LongText,
    Name,
    Offset,
    PushId,
    RecipientToken,
    ShortText,
    Time,
    Url,
)
from app.wire import WireModel

MOST_RECIPIENTS = 10_000
MOST_ITEMS = 1_000
# 512 KiB as base64.
_LONGEST_IMAGE = 699_052


class LinkModel(WireModel):
    """Where a tap on the popup leads."""

    url: Url
    opens: LinkTarget


class ImageModel(WireModel):
    """A still picture of at most 512 KiB and 16 megapixels."""

    data: Annotated[
        str,
        Field(
            min_length=1,
            max_length=_LONGEST_IMAGE,
            description="base64 of a PNG, JPEG or WebP",
            json_schema_extra={"contentEncoding": "base64"},
        ),
    ]
    alt: Annotated[str, Field(max_length=200, pattern=NO_NUL)]


class SourceModel(WireModel):
    """Where a news push was taken from."""

    unit: Name
    url: Url | None = None
    title: Annotated[str, Field(max_length=300, pattern=NO_NUL)] | None = None
    lead: LeadText | None = None
    author: ShortText | None = None
    editor: ShortText | None = None
    published_at: Time | None = None


class AdvertiserModel(WireModel):
    """Who pays for an advertisement, and what proves its claims."""

    name: Name
    credit_code: Annotated[str, Field(max_length=40, pattern=NO_CONTROL)] | None = None
    category: ShortText | None = None
    approval_number: ShortText | None = None
    evidence: LongText | None = None
    ad_class: (
        Annotated[
            AdClass,
            Field(description="goods or services whose advertiser needs an approval, if any"),
        ]
        | None
    ) = None


class FrameModel(WireModel):
    """Size of the popup in density-independent pixels."""

    width_dp: Length
    height_dp: Length


class AdLabelModel(WireModel):
    """The word that marks an advertisement."""

    text: Annotated[str, Field(max_length=20, pattern=NO_NUL, examples=["广告"])]
    size_dp: Length
    color: Color
    background: Color
    x_dp: Offset
    y_dp: Offset


class CloseModel(WireModel):
    """The close mark and how it behaves."""

    present: bool
    delay_ms: Annotated[int, Field(ge=0, le=86_400_000)]
    taps: Annotated[int, Field(ge=0, le=100)]
    width_dp: Length
    height_dp: Length
    color: Color
    background: Color
    x_dp: Offset
    y_dp: Offset
    opens_url: Url | None = None
    reopens: bool


class PresentationModel(WireModel):
    """How the popup looks."""

    frame: FrameModel
    provider_name: Annotated[str, Field(max_length=100, pattern=NO_NUL)]
    body_size_dp: Length
    ad_label: AdLabelModel | None = None
    close: CloseModel
    complaint_entry: bool


class PersonalisationModel(WireModel):
    """Which model and fields chose the recipients, if any did."""

    used: bool
    model: Name | None = None
    fields: Annotated[tuple[Label, ...], Field(max_length=100)] = ()
    tags: Annotated[tuple[Label, ...], Field(max_length=100)] = ()
    consent_ref: Name | None = None


class RecipientsAudience(WireModel):
    """The recipients, each once, in the request itself."""

    kind: Literal["recipients"]
    recipients: Annotated[
        tuple[RecipientToken, ...],
        Field(min_length=1, max_length=MOST_RECIPIENTS, json_schema_extra={"uniqueItems": True}),
    ]


class OtherAudience(WireModel):
    """An uploaded list, the channel's own tags, or everyone: answered with 501 so far."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, JsonValue]

    kind: Literal["file", "segment", "everyone"]


AudienceModel = Annotated[RecipientsAudience | OtherAudience, Discriminator("kind")]


class PushModel(WireModel):
    """One popup push, as a sender hands it in to be checked or submitted."""

    external_id: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=128,
                pattern=NO_CONTROL,
                description="the sender's own id, unique per provider",
            ),
        ]
        | None
    ) = None
    replaces: PushId | None = None
    kind: ContentKind
    surface: Annotated[
        str, Field(min_length=1, max_length=40, pattern=NO_CONTROL, examples=["srf_01hgx3"])
    ]
    title: Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
    body: LongText
    link: LinkModel | None = None
    images: Annotated[tuple[ImageModel, ...], Field(max_length=3)] = ()
    source: SourceModel | None = None
    advertiser: AdvertiserModel | None = None
    presentation: PresentationModel
    ai_generated: AiGenerated
    personalisation: PersonalisationModel
    audience: AudienceModel
    minors: MinorsAudience
    topic: Label | None = None
    rehash_reason: LongText | None = None
    not_before: Time | None = None
    expires_at: Time
    urgency: Urgency = Urgency.NORMAL
    content_class: (
        Annotated[
            ContentClass, Field(description="content that needs a licence of its own, if any")
        ]
        | None
    ) = None


class BatchModel(WireModel):
    """Up to 1,000 pushes; each is validated by itself."""

    pushes: Annotated[tuple[JsonValue, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class WithdrawModel(WireModel):
    """Why a push is withdrawn, in the sender's words."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=NO_NUL)]
