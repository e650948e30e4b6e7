"""What phone vendors let an app show of marketing, as dated data; what they will drop of a push.

Vendors count by device, app and day, whoever sends; a message over the limit is accepted and lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.values import dataclass


class Vendor(StrEnum):
    """Whose push service a device uses; the rest, iPhones for one, have no quota here."""

    HUAWEI = "huawei"
    HONOR = "honor"
    XIAOMI = "xiaomi"
    OPPO = "oppo"
    VIVO = "vivo"
    MEIZU = "meizu"


REST: Final = "rest"


class AppClass(StrEnum):
    """What a vendor takes an app for: one of news, with the licence, or any other."""

    NEWS = "news"
    OTHER = "other"


class QuotaKind(StrEnum):
    """What a rule limits: a device's day, the app's day over all devices, or the hours."""

    DEVICE_DAY = "device_day"
    APP_DAY = "app_day"
    QUIET = "quiet"


class Effect(StrEnum):
    """What becomes of a message: lost, kept until later, or there but not shown."""

    DROPPED = "dropped"
    HELD = "held"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class VendorRule:
    """One number of a vendor, from a day on (`in_force`) until just before another (`repealed`).

    DEVICE_DAY: `limit` messages. APP_DAY: `limit` for each enabled user, of whom at least `floor`
    are assumed, and never fewer than `least`. QUIET: from minute `starts` of the day to `ends`.
    `app_class` None: of both. `counted_by`: request, delivered or unknown. `vouched` says that
    the vendor's own page was read; otherwise it is from others who quote it.
    """

    vendor: Vendor
    kind: QuotaKind
    app_class: AppClass | None
    in_force: date
    repealed: date | None
    source: str
    vouched: bool
    limit: int = 0
    floor: int = 0
    least: int = 0
    starts: int = 0
    ends: int = 0
    effect: Effect = Effect.DROPPED
    counted_by: str = "unknown"

    def is_in_force(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.in_force <= day and (self.repealed is None or day < self.repealed)

    def is_about(self, vendor: str, app_class: AppClass) -> bool:
        """Tell whether it is this vendor's, for an app of this class."""
        return self.vendor == vendor and self.app_class in {None, app_class}

    def includes(self, minute: int) -> bool:
        """Tell whether a minute of the day is among quiet hours, which may pass midnight."""
        if self.starts <= self.ends:
            return self.starts <= minute < self.ends
        return minute >= self.starts or minute < self.ends


@dataclass(frozen=True, slots=True)
class VendorUsers:
    """How many users of a surface have notifications on with a vendor (`rest`: with none)."""

    vendor: str
    users: int
    app_class: AppClass = AppClass.OTHER


@dataclass(frozen=True, slots=True)
class Day:
    """What a surface has sent on a vendors' day: at which minute it is, and how much by now.

    `got` says how many recipients got 0, 1, 2, … of it: of an audience, or of everybody.
    """

    day: date
    minute: int
    sent: int
    got: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class VendorForecast:
    """What a vendor will drop of a push: out of so many recipients, for which reasons.

    `device` is over the limit of a device, `total` over that of the app; `quiet` what its quiet
    hours do, if it is in them.
    """

    vendor: str
    recipients: int
    device: int
    total: int
    quiet: Effect | None
    device_limit: int | None
    total_limit: int | None
    total_used: int

    @property
    def dropped(self) -> int:
        """How many of the recipients will not get it."""
        if self.quiet is Effect.DROPPED:
            return self.recipients
        return self.device + self.total


def forecast(
    rules: Iterable[VendorRule], users: Sequence[VendorUsers], day: Day
) -> tuple[VendorForecast, ...]:
    """Return what each vendor would do with a push to the people in `day.got`, sent now.

    Who of them has whose phone nobody knows, so vendors' shares of the users stand for it; the
    numbers are expected ones, rounded.
    """
    everybody = sum(one.users for one in users)
    known = [rule for rule in rules if rule.is_in_force(day.day)]
    return tuple(_of(one, everybody, known, day) for one in users if one.users)


def _of(one: VendorUsers, everybody: int, rules: Sequence[VendorRule], day: Day) -> VendorForecast:
    mine = {rule.kind: rule for rule in rules if rule.is_about(one.vendor, one.app_class)}
    share = one.users / everybody
    recipients = sum(day.got.values()) * share
    by_device, by_app = mine.get(QuotaKind.DEVICE_DAY), mine.get(QuotaKind.APP_DAY)
    hours = mine.get(QuotaKind.QUIET)
    device = 0.0
    if by_device is not None:
        device = share * sum(n for got, n in day.got.items() if got >= by_device.limit)
    limit = None if by_app is None else total_limit(by_app, one.users)
    used = day.sent * share
    total = 0.0 if limit is None else max(0.0, recipients - device - max(0.0, limit - used))
    return VendorForecast(
        vendor=one.vendor,
        recipients=round(recipients),
        device=round(device),
        total=round(total),
        quiet=hours.effect if hours is not None and hours.includes(day.minute) else None,
        device_limit=None if by_device is None else by_device.limit,
        total_limit=limit,
        total_used=round(used),
    )


def total_limit(rule: VendorRule, users: int) -> int:
    """Return how many messages a day an app may send with so many enabled users."""
    return max(rule.least, rule.limit * max(rule.floor, users))
