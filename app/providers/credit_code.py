"""The unified social credit code of a legal person and its check digit (GB 32100-2015)."""

import re
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MODULUS: Final = 31
# Registering department, class of entity, six digits of the district, nine of the organisation.
_FORM: Final = re.compile(rf"[{_DIGITS}]{{2}}[0-9]{{6}}[{_DIGITS}]{{9}}")


def is_credit_code(code: str) -> bool:
    """Tell whether `code` has the form of a credit code and its last character fits the rest."""
    return bool(_FORM.fullmatch(code[:17])) and code[17:] == check_digit(code[:17])


def check_digit(first17: str) -> str:
    """Return the check character for the first 17; ValueError for a character outside the code."""
    weighted = sum(
        _DIGITS.index(digit) * pow(3, place, _MODULUS) for place, digit in enumerate(first17)
    )
    return _DIGITS[-weighted % _MODULUS]
