"""The policy that ships: every number has its source, vendors' numbers are the vendors'."""

from datetime import UTC, date, datetime

from app.delivery.vendor_data import vendor_rules
from app.domain.policy import Cap, QuietHours
from app.domain.policy_faults import faults
from app.domain.push import ContentKind
from app.domain.vendor_quotas import AppClass, QuotaKind
from app.policy.default import DEFAULT_CAPS

NOW = datetime(2026, 12, 1, tzinfo=UTC)
BY_ID = {cap.id: cap for cap in DEFAULT_CAPS}


def strictest(app_class: AppClass) -> int:
    """Return the lowest limit of any vendor for a device and day."""
    return min(
        rule.limit
        for rule in vendor_rules()
        if rule.kind is QuotaKind.DEVICE_DAY
        and rule.app_class is app_class
        and rule.is_in_force(date(2026, 12, 1))
    )


def test_it_has_no_fault_and_names_every_source_in_both_languages() -> None:
    assert faults(DEFAULT_CAPS, NOW) == ()
    for cap in DEFAULT_CAPS:
        chinese, _, english = cap.source.partition(" · ")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), cap.id
        assert english.isascii(), cap.id
        assert english, cap.id
        assert cap.house == chinese.startswith("本机构取值"), cap.id


def test_what_it_takes_from_vendors_is_what_the_strictest_of_them_allows() -> None:
    def of(kind: ContentKind) -> Cap:
        [cap] = [one for one in DEFAULT_CAPS if one.covers.kinds == (kind,)]
        assert str(cap.limit) in cap.source
        assert not cap.house
        return cap

    assert of(ContentKind.NEWS).limit == strictest(AppClass.NEWS)
    assert of(ContentKind.ADVERTISEMENT).limit == strictest(AppClass.OTHER)
    assert of(ContentKind.GENERAL).limit == strictest(AppClass.OTHER)


def test_its_night_holds_every_vendors_night() -> None:
    night = BY_ID["night"].window
    assert isinstance(night, QuietHours)
    quiet = [rule for rule in vendor_rules() if rule.kind is QuotaKind.QUIET]
    assert len(quiet) >= 3
    for minute in range(24 * 60):
        assert night.include(minute) or not any(rule.includes(minute) for rule in quiet), minute


def test_what_we_chose_is_marked_and_no_looser_than_the_vendors() -> None:
    assert {cap.id for cap in DEFAULT_CAPS if cap.house} == {"all-5", "week-20"}
    assert BY_ID["all-5"].limit <= strictest(AppClass.NEWS)
