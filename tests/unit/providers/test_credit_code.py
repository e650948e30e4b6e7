"""The check digit of a unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.credit_code import check_digit, is_credit_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIRST_17 = st.from_regex(rf"\A[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{9}}\Z")


@pytest.mark.parametrize(
    "code",
    ["91440300708461136T", "9144030071526726XG", "91330100799655058B", "91110108551385082Q"],
)
def test_codes_that_large_companies_print_on_their_sites_fit(code: str) -> None:
    assert is_credit_code(code)


@given(FIRST_17)
def test_a_code_with_its_check_digit_fits(first17: str) -> None:
    assert is_credit_code(first17 + check_digit(first17))


@given(FIRST_17, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_noticed(first17: str, place: int, other: str) -> None:
    code = first17 + check_digit(first17)
    spoiled = code[:place] + other + code[place + 1 :]
    assert is_credit_code(spoiled) is (spoiled == code)


@pytest.mark.parametrize(
    "code",
    ["", "9144030070846113", "91440300708461136T1", "91440300708461136t", "9144０300708461136T"],
)
def test_what_has_not_the_form_is_no_code(code: str) -> None:
    assert not is_credit_code(code)
