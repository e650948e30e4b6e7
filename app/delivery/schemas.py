"""Wire types of the inbox: what a client reports."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from app.wire import WireModel


class EventModel(WireModel):
    """One thing that happened to an item on the recipient's screen."""

    item: Annotated[str, Field(pattern=r"^inb_[0-9a-z]{26}$")]
    event: Literal["shown", "closed", "clicked"]
    at: Annotated[AwareDatetime, Field(strict=False)]


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
