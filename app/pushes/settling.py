"""The state that the rows of a released push add up to; pure."""

from collections.abc import Sequence

from app.delivery.outcomes import OPEN, Outcome, counts
from app.domain.state import PushState


def settled_state(rows: Sequence[tuple[str, str]]) -> PushState | None:
    """Return the final state of (row state, outcomes) pairs, None while one is still going.

    Recipients left out by a cap or a refusal are counted and do not make it a failure.
    """
    if any(
        state not in {"done", "dead"} and any(letter in OPEN for letter in outcomes)
        for state, outcomes in rows
    ):
        return None
    total = counts(outcomes for _, outcomes in rows)
    met = {Outcome[name.upper()] for name, number in total.items() if number}
    trouble = met & {Outcome.FAILED, Outcome.UNKNOWN, Outcome.STARTED, Outcome.WAITING}
    if Outcome.ACCEPTED in met or Outcome.UNKNOWN in met:
        late = trouble or Outcome.EXPIRED in met
        return PushState.PARTLY_RELEASED if late else PushState.RELEASED
    if trouble:
        return PushState.FAILED
    return PushState.EXPIRED if Outcome.EXPIRED in met else PushState.RELEASED
