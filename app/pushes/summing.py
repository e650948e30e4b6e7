"""Adding up what a rule pack would change on past pushes, against what people ruled there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.domain.decision import Ruling, RulingVerdict
from app.domain.screening import Hit
from app.pushes.trial_repository import PushDifference

_MOST_TERMS: Final = 100
_BAD: Final = frozenset({RulingVerdict.REFUSE, RulingVerdict.RETURN})


def summary(
    found: Iterable[PushDifference], rulings: Mapping[str, tuple[Ruling, ...]]
) -> dict[str, Any]:
    """Return numbers for the page: pushes and terms that gain and lose hits, and how they fared.

    Of the pushes with new hits that a person ruled on, `refused` were refused or returned and
    `approved` approved: their share is the precision, as far as rulings tell. Of those that lose
    hits, `approved` are hits that were in the way.
    """
    gained, lost = Counter[str](), Counter[str]()
    verdicts, rules = Counter[str](), Counter[str]()
    terms: dict[tuple[str, str, str], Counter[str]] = {}
    for one in found:
        ruled = _ruled(rulings.get(one.push_id, ()))
        if one.gained:
            gained.update(("pushes", ruled))
        if one.lost:
            lost.update(("pushes", ruled))
        if one.verdict_before != one.verdict_after:
            verdicts[f"{one.verdict_before}>{one.verdict_after}"] += 1
        rules.update(f"+{rule}" for rule in one.rules_gained)
        rules.update(f"-{rule}" for rule in one.rules_lost)
        for way, hits in (("gained", one.gained), ("lost", one.lost)):
            for key in {_key(hit) for hit in hits}:
                terms.setdefault((way, *key), Counter()).update(("pushes", ruled))
    ordered = sorted(terms.items(), key=lambda item: (-item[1]["pushes"], item[0]))
    rows = [
        {"way": way, "list_id": list_id, "term": term, **_counts(counts)}
        for (way, list_id, term), counts in ordered
    ]
    return {
        "gained": _counts(gained),
        "lost": _counts(lost),
        "verdicts": dict(sorted(verdicts.items())),
        "rules": dict(sorted(rules.items())),
        "terms": rows[:_MOST_TERMS],
        "terms_in_all": len(rows),
    }


def _counts(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("pushes", "refused", "approved")}


def _ruled(rulings: tuple[Ruling, ...]) -> str:
    if any(ruling.verdict in _BAD for ruling in rulings):
        return "refused"
    return "approved" if rulings else "unruled"


def _key(hit: Hit) -> tuple[str, str]:
    return hit.list_id, hit.term
