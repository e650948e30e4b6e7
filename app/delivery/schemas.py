"""Wire types of the inbox: what a client reports."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from app.validation import refuse
from app.wire import WireModel


def _text(value: object) -> object:
    """Refuse a number, which Pydantic would take for seconds since 1970."""
    if not isinstance(value, str) or not value[:4].isdigit() or value[4:5] != "-":
        raise refuse("bad_time", "须为 RFC 3339 时间", "This has to be an RFC 3339 time")
    return value


def _utc(value: datetime) -> datetime:
    """Return the instant in UTC, which has no years before 1 and after 9999."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise refuse("bad_time", "时间超出范围", "This time is out of range") from None


When = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_utc), BeforeValidator(_text)]


class EventModel(WireModel):
    """One thing that happened to an item on the recipient's screen."""

    item: Annotated[str, Field(pattern=r"^inb_[0-9a-z]{26}$")]
    event: Literal["shown", "closed", "clicked"]
    at: When


class EventsModel(WireModel):
    """A client's report on items that it was handed."""

    surface: Annotated[str, Field(min_length=1, max_length=40)]
    events: Annotated[list[EventModel], Field(min_length=1, max_length=100)]


class EventsAnswer(WireModel):
    """How many of the events were about items of this recipient."""

    noted: int


class InboxItemAnswer(WireModel):
    """One popup to show: its item id for events, and the signed envelope."""

    id: str
    envelope: dict[str, object]


class InboxAnswer(WireModel):
    """What a client shows next; each item is handed out once."""

    items: list[InboxItemAnswer]
