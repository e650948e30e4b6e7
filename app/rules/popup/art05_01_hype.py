"""Pop-up Provisions art. 5(1): no flaunted wealth and no ugliness for show.

Gossip and scandal, which the same item names first, are checked under the ecosystem provisions.
"""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ECOSYSTEM, cite, popup
from app.rules.rule import Rule

RULE = Rule(
    id="popup-05-01-hype",
    topic=Topic.UNDESIRABLE_CONTENT,
    citation=popup(5, 1, draft_item=2),
    also=(cite(ECOSYSTEM, 7, 7), cite(ECOSYSTEM, 11)),
    in_force=date(2022, 9, 30),
    feature=Feature.CONTENT,
    on_breach=Verdict.HOLD,
    check=content_check(TermCategory.FLAUNTING, TermCategory.UGLINESS),
)
