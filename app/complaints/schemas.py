"""What somebody who complains sends and gets."""

from typing import Annotated

from pydantic import Field

from app.complaints.repository import Reason
from app.complaints.service import TEXT_LIMIT
from app.errors import Words
from app.validation import explained_pattern
from app.wire import WireModel

_RELEASE = explained_pattern(
    r"^rel_[0-9a-z]{26}$",
    "bad_release",
    Words("须为弹窗放行编号（rel_…）", "This has to be the id of a release (rel_…)"),
)


class ComplaintBody(WireModel):
    """A complaint about a popup; `text` is needed where the reason is `other`."""

    release_id: Annotated[str, Field(pattern=_RELEASE, examples=["rel_01hgx3m5qk7vxkq2n8r4t6w9ya"])]
    reason: Reason
    text: Annotated[str, Field(max_length=TEXT_LIMIT)] = ""


class ComplaintAnswer(WireModel):
    """The number to ask after it."""

    number: str
    filed_at: str


MODELS = (ComplaintBody, ComplaintAnswer)
"""All of them, for the OpenAPI document."""
