"""From the claims that the judgement of an advertisement noticed to breaches of a clause."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.decision import Breach, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.screening import ScreeningReport, TermCategory
from app.domain.signals import Family, Signal, Span, overlap
from app.rules.content import is_ordinary, manner_breaches, screening_unknown
from app.rules.rule import Check

TRADE = "trade"
CATEGORY = "/advertiser/category"
_CERTAIN = 100
_CLAIM = "claim"
# Words such as 第一 and 最 have lawful senses by the dozen; all other claims say what they claim.
_OF_MANY_SENSES = frozenset({"absolute", "first"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A trade that the declared category names: where, and what may follow at most.

    Only a category that is the trade's own name is certain.
    """

    span: Span
    at_most: Verdict


def claims_of(facts: Facts, *kinds: str) -> Iterator[Signal]:
    """Yield the claims of the given kinds in an advertisement, without those of listed terms.

    What a listed term of false advertising covers is a finding of art. 28 already. Where the
    wording as a whole is ordinary, a single word of many senses claims nothing.
    """
    report = facts.screening
    if isinstance(report, Unknown):
        return
    claims = [one for one in report.of_family(Family.CLAIM) if one.kind in kinds]
    if any(map(_may_be_meant_otherwise, claims)) and is_ordinary(facts, report, _CLAIM):
        claims = [one for one in claims if not _may_be_meant_otherwise(one)]
    yield from (one for one in claims if not _is_listed(report, one))


def _may_be_meant_otherwise(claim: Signal) -> bool:
    """Say whether a claim is a word of many senses; one with its period and source is none."""
    return claim.kind in _OF_MANY_SENSES and not claim.params.get("stated", False)


def claims_by_manner(facts: Facts, report: ScreeningReport) -> Iterator[Breach]:
    """Yield the breach that wording which no rule on single claims meets resembles such claims."""
    kinds = {one.kind for one in report.of_family(Family.CLAIM)} - {TRADE}
    if not any(claims_of(facts, *kinds)):
        yield from manner_breaches(facts, report, (_CLAIM,))


def is_proven(facts: Facts) -> bool:
    """Say whether the advertiser names what proves the claims."""
    advertiser = facts.push.advertiser
    return advertiser is not None and bool((advertiser.evidence or "").strip())


def declared(facts: Facts, trade: str) -> Declared | None:
    """Return how certainly the declared category names a trade; None where it does not."""
    for signal in claims_of(facts, TRADE):
        if signal.pointer == CATEGORY and signal.params[TRADE] == trade:
            certain = signal.weight >= _CERTAIN
            return Declared(signal.span, Verdict.BLOCK if certain else Verdict.HOLD)
    return None


def claim_check(*kinds: str) -> Check:
    """Return the check of a clause that forbids the given kinds of claims.

    Words depend on their context, so every claim is a question to a reviewer.
    """

    def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
        yield from unscreened(facts)
        for claim in claims_of(facts, *kinds):
            params = {"text": claim.params["text"]}
            yield Breach("claim", claim.pointer, claim.span, params, at_most=Verdict.HOLD)

    return check


def unscreened(facts: Facts) -> Iterator[Unverifiable]:
    """Yield that an advertisement was not screened, so that its claims could not be judged."""
    report = facts.screening
    if isinstance(report, Unknown):
        yield screening_unknown(report)


def _is_listed(report: ScreeningReport, signal: Signal) -> bool:
    listed = report.of_category(TermCategory.FALSE_ADVERTISING)
    return any(overlap(signal, hit) for hit in listed)
