"""Codes by the clock against the vectors of RFC 6238, and recovery codes."""

from datetime import UTC, datetime, timedelta

import pytest

from app.staff.codes import (
    RECOVERY_CODES,
    as_typed,
    code_of,
    key_uri,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    secret_as_text,
)

RFC_SECRET = b"12345678901234567890"
# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
NOW = datetime(2026, 12, 1, 8, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("second", "code"), VECTORS.items())
def test_codes_are_those_of_the_rfc(second: int, code: str) -> None:
    assert code_of(RFC_SECRET, second // 30) == code
    assert matching_step(RFC_SECRET, code, datetime.fromtimestamp(second, UTC)) == second // 30


@pytest.mark.parametrize(("off", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off_and_no_more(off: int, *, good: bool) -> None:
    step = int((NOW + timedelta(seconds=off)).timestamp()) // 30
    assert matching_step(RFC_SECRET, code_of(RFC_SECRET, step), NOW) == (step if good else None)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "12345a", "１２３４５６", " 12345", "-12345"]
)
def test_what_is_not_six_plain_digits_is_no_code(code: str) -> None:
    assert matching_step(RFC_SECRET, code, NOW) is None


def test_codes_may_be_typed_carelessly() -> None:
    assert as_typed(" １２３ 456\n") == "123456"
    assert as_typed("ABCD-efgh  2345-6789") == "abcdefgh23456789"


def test_a_secret_is_long_random_and_typed_in_groups() -> None:
    one, other = new_secret(), new_secret()
    assert len(one) == 20
    assert one != other
    assert secret_as_text(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    uri = key_uri(RFC_SECRET, "li.na")
    assert uri.startswith("otpauth://totp/Popgate:li.na?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri
    assert "issuer=Popgate" in uri


def test_recovery_codes_are_many_different_and_belong_to_one_person() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES == 10
    assert {len(code) for code in codes} == {19}
    shown, typed = codes[0], as_typed(codes[0].upper())
    assert recovery_hash("stf_a", shown) == recovery_hash("stf_a", typed)
    assert recovery_hash("stf_a", shown) != recovery_hash("stf_b", shown)
