"""A push as it was before anybody ruled on it, for whoever judges a ruling again."""

from dataclasses import replace

from app.domain.state import PushState
from app.pushes.stored import decision_from
from app.pushes.views import Dossier


def as_submitted(dossier: Dossier) -> Dossier:
    """Return what was known of a push when it was submitted: no ruling, no later decision."""
    first = dossier.decisions[0]
    return replace(
        dossier,
        push=replace(dossier.push, state=PushState.IN_REVIEW),
        decision=decision_from(first.decision),
        decisions=(first,),
        timeline=dossier.timeline[:1],
        rulings=(),
        sealed=(),
        passes=(),
        release_id=None,
        outcomes=None,
    )
