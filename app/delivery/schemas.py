"""Wire types of the inbox, of explained caps and of vendors' quotas."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from app.domain.policy import Counts, Mode, Over
from app.domain.vendor_quotas import AppClass, Effect, QuotaKind, Vendor
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


class CapUseAnswer(BaseModel):
    """One push that a cap counts for the recipient."""

    id: str
    at: datetime
    outcome: str


class CapAnswer(BaseModel):
    """One cap as it stands for the recipient now."""

    id: str
    says: dict[str, str] = Field(description="the cap in words, zh and en")
    mode: Mode
    over: Over
    window: dict[str, Any] = Field(description="unit and zone, rolling, gap (s), quiet (minutes)")
    counted_for: dict[str, str | None] = Field(description="what else the count is kept for")
    together: bool = Field(description="whether all recipients have one count together")
    counts: Counts = Field(description="popups that reached somebody, or pushes released")
    used: int
    limit: int
    full: bool
    resets_at: datetime | None = Field(description="when there is room again, or the next of it")
    pushes: list[CapUseAnswer] = Field(description="the caller's own pushes that it counts")
    pushes_of_others: int
    source: str
    house: bool


class CapsAnswer(BaseModel):
    """Every cap that may bear on a recipient, under the policy in force."""

    surface: str
    recipient: str
    at: datetime
    policy: str
    time_zone: str
    counted_by: Literal["counters", "outbox"]
    caps: list[CapAnswer]


class VendorRuleAnswer(BaseModel):
    """One number of a phone vendor; of times and limits only those that its kind has."""

    vendor: Vendor
    kind: QuotaKind
    app_class: AppClass | None = Field(description="null: of apps of news and of others alike")
    in_force: date = Field(description="the first day for which the source shows it")
    repealed: date | None = Field(description="the first day on which it no longer holds")
    source: str
    vouched: bool = Field(description="whether the vendor's own page was read")
    limit: int = Field(description="messages a device and day; a user and day for app_day")
    floor: int = Field(description="app_day: users that are assumed at least")
    least: int = Field(description="app_day: messages that an app may send at least")
    starts: int = Field(description="quiet: from this minute of the Beijing day")
    ends: int = Field(description="quiet: until this one, which may be the next day's")
    effect: Effect = Field(description="quiet: what becomes of a message")
    counted_by: str = Field(description="request, delivered or unknown")


class VendorQuotasAnswer(BaseModel):
    """The vendors' rules that ship with this version."""

    items: list[VendorRuleAnswer]
