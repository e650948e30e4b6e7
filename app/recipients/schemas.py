"""What devices send and get."""

from typing import Annotated

from pydantic import Field

from app.domain.push import ContentKind
from app.errors import Words
from app.recipients.repository import Minor, RefusalScope
from app.recipients.tokens import TOKEN_FORM
from app.validation import explained_pattern
from app.wire import WireModel

_SURFACE = explained_pattern(
    r"^srf_[0-9a-z]{26}$",
    "bad_surface",
    Words("须为展示端编号（srf_…）", "This has to be the id of a surface (srf_…)"),
)
_TOKEN = explained_pattern(
    TOKEN_FORM,
    "bad_recipient",
    Words(
        "接收用户标识须为 1 至 64 个字符：字母、数字或 . _ ~ : @ + = -",
        "A recipient's token is 1 to 64 letters, digits or . _ ~ : @ + = -",
    ),
)

SurfaceId = Annotated[str, Field(pattern=_SURFACE, examples=["srf_01hgx3m5qk7vxkq2n8r4t6w9ya"])]
Token = Annotated[str, Field(pattern=_TOKEN, examples=["r_7f3a"])]
TimeZone = Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"])]


class RecipientBody(WireModel):
    """A device that wants the popups of a surface; without `recipient` it is given a token."""

    surface: SurfaceId
    recipient: Token | None = None
    time_zone: TimeZone | None = None
    minor: Minor | None = None


class RecipientAnswer(WireModel):
    """The recipient; `device_secret` is null unless it was registered by this very call."""

    surface: str
    recipient: str
    device_secret: str | None
    time_zone: str | None
    minor: Minor


class RefusalBody(WireModel):
    """What a recipient refuses; `kind` if, and only if, the scope is `kind`.

    Surface and recipient may be left out: the device secret says whose refusal it is.
    """

    scope: RefusalScope
    kind: ContentKind | None = None
    surface: SurfaceId | None = None
    recipient: Token | None = None


class RefusalAnswer(WireModel):
    """A standing refusal."""

    id: str
    scope: RefusalScope
    kind: ContentKind | None
    created_at: str


class RefusalsAnswer(WireModel):
    """All standing refusals of a recipient, oldest first: at most five, so there is no page."""

    items: list[RefusalAnswer]
    next_cursor: None = None


MODELS = (RecipientBody, RecipientAnswer, RefusalBody, RefusalAnswer, RefusalsAnswer)
"""All of them, for the OpenAPI document."""
