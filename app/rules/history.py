"""What the rules on earlier pushes say where those could not be looked at."""

from app.domain.decision import Unverifiable
from app.domain.facts import Unknown


def history_unknown(history: Unknown) -> Unverifiable:
    """Say that earlier pushes have not been read, so that nobody can compare."""
    reason = {"reason": history.unknown_reason}
    return Unverifiable("history-unknown", "", outage=history.outage, params=reason)
