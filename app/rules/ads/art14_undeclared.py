"""Advertising Law art. 14: what sells is an advertisement, whatever it is declared as.

No single sign decides: several independent ones together must reach the pack's score, or the
wording as a whole must resemble advertisements.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.signals import Family, Signal
from app.domain.values import dataclass
from app.rules.content import manner_breaches, ordinary, screening_unknown
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, INTERNET_ADVERTISING, RECOGNISABILITY, cite
from app.rules.limits import MANNER_MIN_WEIGHT, UNDECLARED_KINDS, UNDECLARED_SCORE
from app.rules.rule import NO_ADVERTISEMENTS, Rule

# News has prices and goods as well; only what a seller does makes an advertisement of them.
_SELLING: Final = frozenset(
    {"offer", "call", "urgency", "contact", "reward", "download", "recruit", "praise", "means"}
)
# Below this weight a kind is background and not a sign of its own.
_SIGN: Final = 15
# Further signs are shown beside the first, so that the reviewer sees them marked.
_MOST_SHOWN: Final = 4
_ADVERTISING: Final = "advertising"
_MANNERS: Final = frozenset({"undeclared"})


@dataclass(frozen=True, slots=True)
class _Sign:
    """All signals of one kind: the strongest, and what the kind weighs."""

    strongest: Signal
    weight: int


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    report = facts.screening
    if isinstance(report, Unknown):
        yield screening_unknown(report)
        return
    signs = _signs(report.of_family(Family.ADVERTISING))
    if not signs or not _sells(facts, signs, ordinary(facts, report, _ADVERTISING)):
        yield from manner_breaches(facts, report, _MANNERS, in_news=MANNER_MIN_WEIGHT)
        return
    first, *others = signs
    yield Breach(
        "undeclared",
        first.strongest.pointer,
        first.strongest.span,
        {
            "kind": facts.push.kind.value,
            "signs": ", ".join(sign.strongest.kind for sign in signs),
            "score": sum(sign.weight for sign in signs),
            "limit": facts.limit(UNDECLARED_SCORE),
        },
    )
    for sign in others[:_MOST_SHOWN]:
        one = sign.strongest
        params = {"signs": one.kind, "text": one.params["text"]}
        yield Breach("sign", one.pointer, one.span, params)


def _sells(facts: Facts, signs: list[_Sign], excused: int) -> bool:
    """Say whether the signs are enough after what an ordinary manner takes off their score."""
    enough = sum(sign.weight for sign in signs) - excused >= facts.limit(UNDECLARED_SCORE)
    several = len(signs) >= facts.limit(UNDECLARED_KINDS)
    return enough and several and any(sign.strongest.kind in _SELLING for sign in signs)


def _signs(signals: Iterable[Signal]) -> list[_Sign]:
    """Return the kinds that were met, the weightiest first."""
    by_kind: dict[str, list[Signal]] = defaultdict(list)
    for signal in sorted(signals, key=lambda one: -one.weight):
        if all(signal.params["text"] != other.params["text"] for other in by_kind[signal.kind]):
            by_kind[signal.kind].append(signal)
    signs = [_Sign(kind[0], _weight(kind)) for kind in by_kind.values()]
    return sorted((sign for sign in signs if sign.weight >= _SIGN), key=lambda one: -one.weight)


def _weight(signals: list[Signal]) -> int:
    """Return what a kind weighs: its strongest signal, and half of the next in other words."""
    return signals[0].weight + sum(signal.weight // 2 for signal in signals[1:2])


RULE = Rule(
    id="ads-14-undeclared",
    topic=Topic.UNDECLARED_ADVERTISING,
    citation=cite(ADVERTISING_LAW, 14),
    also=(
        cite(ADVERTISING_LAW, 19),
        cite(INTERNET_ADVERTISING, 9),
        Citation(RECOGNISABILITY, "未标明的也是广告"),
    ),
    in_force=date(2015, 9, 1),
    kinds=NO_ADVERTISEMENTS,
    feature=Feature.SELLING,
    on_breach=Verdict.HOLD,
    check=check,
)
