"""Forecasts of what vendors drop: device and app limits, quiet hours, dated rules, shares."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from app.domain.vendor_quotas import (
    AppClass,
    Day,
    Effect,
    QuotaKind,
    Vendor,
    VendorForecast,
    VendorRule,
    VendorUsers,
    forecast,
    total_limit,
)

TODAY = date(2026, 11, 21)
DEVICE = VendorRule(
    Vendor.HUAWEI, QuotaKind.DEVICE_DAY, AppClass.OTHER, TODAY, None, "测试", vouched=True, limit=2
)
NEWS = replace(DEVICE, app_class=AppClass.NEWS, limit=5)
APP = replace(DEVICE, kind=QuotaKind.APP_DAY, app_class=None, limit=2)
NIGHT = replace(DEVICE, kind=QuotaKind.QUIET, app_class=None, limit=0, starts=1380, ends=420)
HALVES = (VendorUsers("huawei", 50), VendorUsers("rest", 50))


def seen(
    *rules: VendorRule,
    got: Mapping[int, int],
    users: tuple[VendorUsers, ...] = HALVES,
    sent: int = 0,
    minute: int = 600,
    day: date = TODAY,
) -> VendorForecast:
    """Return what is said of the first vendor."""
    return forecast(rules, users, Day(day, minute, sent, got))[0]


def test_a_vendors_share_of_those_at_the_limit_is_dropped() -> None:
    found = seen(DEVICE, got={0: 40, 1: 20, 2: 30, 7: 10})
    assert (found.recipients, found.device, found.dropped) == (50, 20, 20)
    assert found.device_limit == 2
    assert seen(DEVICE, got={0: 100}).dropped == 0


def test_the_rest_has_no_quota_and_a_vendor_without_users_is_left_out() -> None:
    users = (VendorUsers("huawei", 3), VendorUsers("vivo", 0), VendorUsers("rest", 1))
    huawei, rest = forecast([DEVICE], users, Day(TODAY, 0, 0, {2: 100}))
    assert (huawei.recipients, huawei.dropped) == (75, 75)
    assert (rest.vendor, rest.recipients, rest.dropped) == ("rest", 25, 0)
    assert rest.device_limit is None
    assert forecast([DEVICE], (), Day(TODAY, 0, 0, {2: 100})) == ()


def test_the_class_of_the_app_chooses_the_rule() -> None:
    users = (VendorUsers("huawei", 1, AppClass.NEWS),)
    assert seen(DEVICE, NEWS, got={4: 10, 5: 3}, users=users).dropped == 3


def test_what_is_over_the_apps_day_is_dropped_too_and_nobody_twice() -> None:
    users = (VendorUsers("huawei", 50),)
    # 100 a day, 90 are used; of 60 recipients 20 are at their limit, 40 compete for 10.
    found = seen(DEVICE, APP, got={0: 40, 2: 20}, users=users, sent=90)
    assert (found.device, found.total, found.dropped) == (20, 30, 50)
    assert (found.total_limit, found.total_used) == (100, 90)
    assert seen(APP, got={0: 60}, users=users, sent=500).dropped == 60
    assert seen(APP, got={0: 60}, users=users, sent=40).dropped == 0


def test_totals_assume_a_least_number_of_users_and_of_messages() -> None:
    assert total_limit(replace(APP, floor=10_000), 50) == 20_000
    assert total_limit(replace(APP, least=100_000), 49_999) == 100_000
    assert total_limit(replace(APP, least=100_000), 60_000) == 120_000


@pytest.mark.parametrize(
    ("minute", "quiet"), [(1379, None), (1380, Effect.DROPPED), (0, Effect.DROPPED), (420, None)]
)
def test_in_quiet_hours_everything_is_dropped(minute: int, quiet: Effect | None) -> None:
    found = seen(NIGHT, got={0: 100}, minute=minute)
    assert found.quiet is quiet
    assert found.dropped == (50 if quiet else 0)


def test_what_is_only_held_or_hidden_is_said_and_not_dropped() -> None:
    held = replace(NIGHT, starts=0, ends=360, effect=Effect.HELD)
    found = seen(DEVICE, held, got={2: 10}, minute=100)
    assert (found.quiet, found.dropped) == (Effect.HELD, 5)
    assert seen(held, got={2: 10}, minute=360).quiet is None


def test_a_rule_holds_from_its_day_until_it_is_repealed() -> None:
    old = replace(DEVICE, in_force=date(2025, 1, 1), repealed=TODAY, limit=1)
    for day, dropped in ((date(2024, 12, 31), 0), (date(2026, 11, 20), 5), (TODAY, 0)):
        assert seen(old, DEVICE, got={1: 10}, day=day).dropped == dropped, day
