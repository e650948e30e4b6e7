"""Every clause, or part of one, that is not a rule: who sees to it instead."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.decision import Citation
from app.rules.instruments import popup


class Placing(StrEnum):
    """What becomes of a duty that no rule checks."""

    ENFORCED = "enforced"
    RECORDED = "recorded"
    SHOWN = "shown"
    REVIEWER = "reviewer"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A duty with its place; `part` is the package of the gateway, None if it is not ours.

    Duty, place and reason in plain words stand in `wording/`, under the id.
    """

    id: str
    citation: Citation
    placing: Placing
    part: str | None


ELSEWHERE: Final = (
    Elsewhere("popup-01-purpose", popup(1), Placing.NOT_OURS, None),
    Elsewhere("popup-03-direction", popup(3), Placing.REVIEWER, "review"),
    Elsewhere("popup-04-systems", popup(4), Placing.NOT_OURS, None),
    Elsewhere("popup-05-01-hype", popup(5, 1, 2), Placing.REVIEWER, "review"),
    Elsewhere("popup-05-02-other-licences", popup(5, 2, 3), Placing.REVIEWER, "review"),
    Elsewhere("popup-05-03-distortion", popup(5, 3, 4), Placing.REVIEWER, "review"),
    Elsewhere("popup-05-04-balance", popup(5, 4, 5), Placing.REVIEWER, "review"),
    Elsewhere("popup-05-05-workflow", popup(5, 5, 6), Placing.ENFORCED, "review"),
    Elsewhere("popup-05-05-staffing", popup(5, 5, 6), Placing.SHOWN, "console"),
    Elsewhere("popup-05-06-agreement", popup(5, 6, 7), Placing.NOT_OURS, None),
    Elsewhere("popup-05-06-count", popup(5, 6, 7), Placing.ENFORCED, "frequency"),
    Elsewhere("popup-05-06-parity", popup(5, 6, 7), Placing.ENFORCED, "policy"),
    Elsewhere("popup-05-07-models", popup(5, 7, 8), Placing.NOT_OURS, None),
    Elsewhere("popup-05-09-pictures", popup(5, 9, 10), Placing.REVIEWER, "review"),
    Elsewhere("popup-06-handling", popup(6), Placing.RECORDED, "complaints"),
    Elsewhere("popup-07-associations", popup(7), Placing.NOT_OURS, None),
    Elsewhere("popup-08-supervision", popup(8), Placing.SHOWN, "audit"),
    Elsewhere("popup-09-orders", popup(9), Placing.ENFORCED, "policy"),
    Elsewhere("popup-10-date", popup(10), Placing.NOT_OURS, None),
)
