"""Which policy documents a provider lacks or is late to look at again."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach
from app.domain.facts import Facts
from app.domain.registers import PolicyDocument, PolicyKind
from app.domain.worked_out import WorkedOut
from app.rules.days import today


def policy_gaps(facts: Facts, *asked: PolicyKind) -> Iterator[Breach]:
    """Yield one breach for all that is missing and one for each that is overdue.

    Of several documents of a kind the one that is good for longest counts.
    """
    until = _until(facts.provider.on_file.policies)
    missing = [kind.value for kind in asked if kind not in until]
    if missing:
        yield Breach("policies-missing", "", params={"policies": ", ".join(missing)})
    day = today(facts)
    for kind in asked:
        if kind in until and until[kind] < day:
            late = {"policies": kind.value, "review_by": until[kind].isoformat()}
            yield Breach("policy-overdue", "", params=late)


@WorkedOut
def _until(policies: tuple[PolicyDocument, ...]) -> dict[PolicyKind, date]:
    """Return until when a provider has a document of each kind."""
    until: dict[PolicyKind, date] = {}
    for paper in policies:
        until[paper.kind] = max(paper.review_by, until.get(paper.kind, paper.review_by))
    return until
