"""The vendors' rules that ship: whole, dated, with sources, and none beside another."""

from datetime import date

from app.delivery.vendor_data import rule_json, vendor_rules
from app.domain.vendor_quotas import AppClass, Effect, QuotaKind, Vendor

ON = date(2026, 12, 1)


def test_every_vendor_has_a_device_limit_for_each_class_of_app() -> None:
    limits = {
        (rule.vendor, rule.app_class): rule.limit
        for rule in vendor_rules()
        if rule.kind is QuotaKind.DEVICE_DAY and rule.is_in_force(ON)
    }
    assert set(limits) == {(vendor, one) for vendor in Vendor for one in AppClass}
    assert {vendor: limits[vendor, AppClass.OTHER] for vendor in Vendor} == {
        "huawei": 2, "honor": 2, "xiaomi": 5, "oppo": 2, "vivo": 2, "meizu": 3,
    }  # fmt: skip
    assert limits[Vendor.XIAOMI, AppClass.NEWS] == 8
    assert limits[Vendor.HUAWEI, AppClass.NEWS] == 5


def test_at_no_time_do_two_rules_say_different_things() -> None:
    rules = vendor_rules()
    for day in {rule.in_force for rule in rules} | {ON}:
        for app_class in AppClass:
            said = [
                (rule.vendor, rule.kind)
                for rule in rules
                if rule.is_in_force(day) and rule.is_about(rule.vendor, app_class)
            ]
            assert len(said) == len(set(said)), (day, app_class)


def test_every_rule_has_a_source_and_numbers_that_make_sense() -> None:
    for rule in vendor_rules():
        assert len(rule.source) > 10
        assert rule.repealed is None or rule.in_force < rule.repealed
        assert rule.counted_by in {"request", "delivered", "unknown"}
        if rule.kind is QuotaKind.QUIET:
            assert 0 <= rule.starts < 1440
            assert 0 <= rule.ends < 1440
        else:
            assert rule.limit > 0
            assert rule.effect is Effect.DROPPED
        assert rule_json(rule)["vendor"] == rule.vendor
