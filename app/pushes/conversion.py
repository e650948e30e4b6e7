"""Turns a push on the wire into the domain's value, with what the schema alone cannot check."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from app.domain.push import (
    AdLabel,
    Advertiser,
    Audience,
    AudienceKind,
    Close,
    Frame,
    Image,
    Link,
    Personalisation,
    Presentation,
    PushRequest,
    Source,
)
from app.errors import FieldProblem, Invalid, NotImplementedYet, Words
from app.inspection.images import ImageRefused, InspectedImage, inspect_images
from app.pushes.canonical import canonical_tokens
from app.pushes.parts import ImageBytes, PushParts
from app.pushes.schemas import (
    AdLabelModel,
    AdvertiserModel,
    CloseModel,
    ImageModel,
    LinkModel,
    OtherAudience,
    PersonalisationModel,
    PresentationModel,
    PushModel,
    RecipientsAudience,
    SourceModel,
)
from app.recipients.tokens import is_personal

_PAST = Words("过期时间必须在将来", "The expiry has to be in the future")
_ORDER = Words("最早下发时间必须早于过期时间", "not_before has to be earlier than expires_at")
_TWICE = Words("接收用户重复", "This recipient occurs twice")
_PERSONAL = Words(
    "看起来是手机号、身份证号或邮箱；请使用无法识别个人的标识",
    "Looks like a phone number, an identity card or a mail address; use a pseudonym",
)


async def received(model: PushModel, now: datetime) -> tuple[PushRequest, PushParts]:
    """Check what a schema cannot and return the push with its parts; images in worker threads.

    Raises Invalid with every problem found, NotImplementedYet for an audience not yet served.
    """
    pictures = await inspect_images([image.data for image in model.images]) if model.images else ()
    return to_domain(model, pictures, now)


def to_domain(
    model: PushModel, pictures: Sequence[InspectedImage | ImageRefused], now: datetime
) -> tuple[PushRequest, PushParts]:
    """Return the domain's value for `model`; `pictures` are its images, inspected, in order.

    Raises like `received`.
    """
    audience = model.audience
    if isinstance(audience, OtherAudience):
        raise NotImplementedYet(
            Words(
                f"受众类型 {audience.kind} 暂不支持，请用 recipients 直接列出接收用户",
                f"The audience kind {audience.kind} is not served yet: list the recipients inline",
            ),
            problems=(
                FieldProblem(
                    "/audience/kind",
                    "not_implemented",
                    Words("暂仅支持 recipients", "Only recipients is served so far"),
                ),
            ),
        )
    problems = (
        *_time_problems(model, now),
        *_picture_problems(pictures),
        *_recipient_problems(audience.recipients),
    )
    if problems:
        raise Invalid(problems=problems)
    images = tuple(_bytes(picture) for picture in pictures if isinstance(picture, InspectedImage))
    return _request(model, audience, images), PushParts(images, audience.recipients)


def _time_problems(model: PushModel, now: datetime) -> Iterator[FieldProblem]:
    if model.expires_at <= now:
        yield FieldProblem("/expires_at", "in_the_past", _PAST)
    if model.not_before is not None and model.not_before >= model.expires_at:
        yield FieldProblem("/not_before", "after_expiry", _ORDER)


def _picture_problems(
    pictures: Sequence[InspectedImage | ImageRefused],
) -> Iterator[FieldProblem]:
    for index, picture in enumerate(pictures):
        if isinstance(picture, ImageRefused):
            yield FieldProblem(f"/images/{index}/data", picture.code, picture.message)


def _recipient_problems(recipients: tuple[str, ...]) -> Iterator[FieldProblem]:
    for index, token in enumerate(recipients):
        if is_personal(token):
            yield FieldProblem(f"/audience/recipients/{index}", "personal_data", _PERSONAL)
    if len(set(recipients)) == len(recipients):
        return
    seen: set[str] = set()
    for index, token in enumerate(recipients):
        if token in seen:
            yield FieldProblem(f"/audience/recipients/{index}", "duplicate", _TWICE)
        seen.add(token)


def _request(
    model: PushModel, audience: RecipientsAudience, pictures: Sequence[ImageBytes]
) -> PushRequest:
    return PushRequest(
        external_id=model.external_id,
        replaces=model.replaces,
        kind=model.kind,
        surface=model.surface,
        title=model.title,
        body=model.body,
        link=None if model.link is None else _link(model.link),
        images=tuple(map(_image, pictures, model.images)),
        source=None if model.source is None else _source(model.source),
        advertiser=None if model.advertiser is None else _advertiser(model.advertiser),
        presentation=_presentation(model.presentation),
        ai_generated=model.ai_generated,
        personalisation=_personalisation(model.personalisation),
        audience=Audience(
            AudienceKind.RECIPIENTS,
            len(audience.recipients),
            sha256(canonical_tokens(audience.recipients)).hexdigest(),
        ),
        minors=model.minors,
        topic=model.topic,
        rehash_reason=model.rehash_reason,
        not_before=model.not_before,
        expires_at=model.expires_at,
        urgency=model.urgency,
        content_class=model.content_class,
    )


def _link(model: LinkModel) -> Link:
    return Link(model.url, model.opens)


def _bytes(picture: InspectedImage) -> ImageBytes:
    return ImageBytes(
        sha256=picture.sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        data=picture.data,
        codes=picture.codes,
        aigc=picture.aigc,
    )


def _image(picture: ImageBytes, model: ImageModel) -> Image:
    return Image(picture.sha256, picture.media_type, picture.width, picture.height, model.alt)


def _source(model: SourceModel) -> Source:
    return Source(
        unit=model.unit,
        url=model.url,
        title=model.title,
        lead=model.lead,
        author=model.author,
        editor=model.editor,
        published_at=model.published_at,
    )


def _advertiser(model: AdvertiserModel) -> Advertiser:
    return Advertiser(
        name=model.name,
        credit_code=model.credit_code,
        category=model.category,
        approval_number=model.approval_number,
        evidence=model.evidence,
        ad_class=model.ad_class,
    )


def _presentation(model: PresentationModel) -> Presentation:
    return Presentation(
        frame=Frame(model.frame.width_dp, model.frame.height_dp),
        provider_name=model.provider_name,
        body_size_dp=model.body_size_dp,
        ad_label=None if model.ad_label is None else _ad_label(model.ad_label),
        close=_close(model.close),
        complaint_entry=model.complaint_entry,
    )


def _ad_label(model: AdLabelModel) -> AdLabel:
    return AdLabel(
        text=model.text,
        size_dp=model.size_dp,
        color=model.color,
        background=model.background,
        x_dp=model.x_dp,
        y_dp=model.y_dp,
    )


def _close(model: CloseModel) -> Close:
    return Close(
        present=model.present,
        delay_ms=model.delay_ms,
        taps=model.taps,
        width_dp=model.width_dp,
        height_dp=model.height_dp,
        color=model.color,
        background=model.background,
        x_dp=model.x_dp,
        y_dp=model.y_dp,
        opens_url=model.opens_url,
        reopens=model.reopens,
    )


def _personalisation(model: PersonalisationModel) -> Personalisation:
    return Personalisation(
        used=model.used,
        model=model.model,
        fields=model.fields,
        tags=model.tags,
        consent_ref=model.consent_ref,
    )
