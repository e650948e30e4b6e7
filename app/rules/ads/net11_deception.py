"""Internet Advertising Measures art. 11: no clicks by false rewards, prompts or system notices.

What the same clause of the pop-up provisions finds at a place already is not said twice.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.signals import Family, Signal, overlap
from app.rules.claims import claims_of, unscreened
from app.rules.features import Feature
from app.rules.instruments import INTERNET_ADVERTISING, cite
from app.rules.limits import INDUCEMENT_MIN_WEIGHT
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    """Yield a breach for each false reward or prompt that no other rule names at its place."""
    yield from unscreened(facts)
    induced = list(_induced(facts))
    for claim in claims_of(facts, "reward", "system"):
        if not any(overlap(claim, other) for other in induced):
            yield Breach("claim", claim.pointer, claim.span, {"text": claim.params["text"]})


def _induced(facts: Facts) -> Iterator[Signal]:
    if isinstance(facts.screening, Unknown):
        return
    for signal in facts.screening.of_family(Family.CONTACT):
        if signal.kind.startswith("fake_") and signal.weight >= facts.limit(INDUCEMENT_MIN_WEIGHT):
            yield signal


RULE = Rule(
    id="internet-ads-11-deception",
    topic=Topic.INDUCEMENT,
    citation=cite(INTERNET_ADVERTISING, 11),
    in_force=date(2023, 5, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
