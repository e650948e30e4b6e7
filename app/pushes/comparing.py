"""Two rule packs on the same push: which hits one has and the other lacks, which verdict each."""

from dataclasses import dataclass, replace

from app.clock import beijing_day
from app.domain.decision import Decision
from app.domain.facts import Facts, Limit
from app.domain.screening import Hit, ScreeningReport
from app.packs.loading import Loaded
from app.pushes.facts import Standing, screened_fields
from app.rules.engine import decide
from app.screening.screener import Screener

HitKey = tuple[str, str, str, tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class Judge:
    """The part of a pack that a push is compared with."""

    screener: Screener
    limits: tuple[Limit, ...]

    @classmethod
    def of(cls, loaded: Loaded) -> "Judge":
        """Return what a loaded pack judges with."""
        return cls(loaded.screener, loaded.limits)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a later pack finds that an earlier one does not, and the other way round.

    Rules stand by their ids, whatever else they found besides.
    """

    gained: tuple[Hit, ...]
    lost: tuple[Hit, ...]
    rules_gained: tuple[str, ...]
    rules_lost: tuple[str, ...]
    verdict_before: str
    verdict_after: str


def compare(facts: Facts, before: Judge, after: Judge) -> Difference | None:
    """Return how two packs differ on a push, from its facts; None where they do not.

    All else is as the facts have it: the time, the register, the policy, the rulings.
    """
    old, new = _facts(facts, before), _facts(facts, after)
    had, has = _hits(old), _hits(new)
    if had.keys() == has.keys() and old.limits == new.limits:
        return None
    decided, would = decide(old), decide(new)
    found_before, found_after = _rules(decided), _rules(would)
    if had.keys() == has.keys() and found_before == found_after:
        return None
    return Difference(
        gained=tuple(hit for key, hit in has.items() if key not in had),
        lost=tuple(hit for key, hit in had.items() if key not in has),
        rules_gained=tuple(sorted(found_after - found_before)),
        rules_lost=tuple(sorted(found_before - found_after)),
        verdict_before=decided.verdict.value,
        verdict_after=would.verdict.value,
    )


def in_shadow(standing: Standing, facts: Facts) -> tuple[str, Difference] | None:
    """Return what the staged pack finds otherwise in a push being decided, and its name."""
    pack = standing.pack
    shadow = pack.shadow
    if shadow is None or shadow.pack_id == pack.in_force:
        return None
    found = compare(facts, Judge(pack.screener, pack.limits), Judge.of(shadow))
    return None if found is None else (shadow_name(shadow.pack_id, shadow.digest), found)


def shadow_name(pack_id: str, digest: str) -> str:
    """Name what a pack found in the shadow with one content."""
    return f"{pack_id}.{digest.removeprefix('sha256:')[:12]}"


def _facts(facts: Facts, judge: Judge) -> Facts:
    report = judge.screener.screen(
        screened_fields(facts.push), on=beijing_day(facts.now), provider=facts.provider.id
    )
    if isinstance(facts.screening, ScreeningReport):
        # What is hidden and what other judgements noticed does not depend on the lists.
        report = replace(report, hidden=facts.screening.hidden, signals=facts.screening.signals)
    return replace(facts, screening=report, limits=judge.limits)


def _rules(decision: Decision) -> set[str]:
    return {finding.rule for finding in decision.findings}


def _hits(facts: Facts) -> dict[HitKey, Hit]:
    report = facts.screening
    hits = report.hits if isinstance(report, ScreeningReport) else ()
    return {(hit.list_id, hit.term, hit.pointer, hit.span, hit.severity.value): hit for hit in hits}
