"""Whether the consent that a push names is registered, in date, and covers what it is used for."""

from collections.abc import Iterator
from typing import Final

from app.domain.decision import Breach
from app.domain.facts import Facts
from app.domain.registers import ConsentPurpose
from app.rules.days import today
from app.rules.personal_data import plain

_REFERENCE: Final = "/personalisation/consent_ref"


def gaps(facts: Facts, purpose: ConsentPurpose, *used: tuple[str, str]) -> Iterator[Breach]:
    """Yield what the named consent lacks for a purpose; `used` is (pointer, name) of each field.

    The gateway knows what recipients were asked, not who agreed: that the provider has to prove.
    """
    reference = (facts.push.personalisation.consent_ref or "").strip()
    asked = {"purpose": purpose.value}
    if not reference:
        yield Breach("consent-missing", _REFERENCE, params=asked)
        return
    basis = facts.provider.on_file.consent(reference)
    named = {"reference": reference}
    if basis is None:
        yield Breach("consent-unknown", _REFERENCE, params=named)
    elif not basis.valid_from <= today(facts) <= basis.valid_to:
        dates = {"from": basis.valid_from.isoformat(), "to": basis.valid_to.isoformat()}
        yield Breach("consent-not-valid", _REFERENCE, params=named | dates)
    elif purpose not in basis.purposes:
        yield Breach("consent-other-purpose", _REFERENCE, params=named | asked)
    else:
        covered = {plain(name) for name in basis.fields}
        for pointer, name in used:
            if plain(name) not in covered:
                yield Breach("consent-other-field", pointer, params=named | {"field": name})
