"""Minors Online Regulations art. 24(2): what may affect minors is not shown in a popup.

Kinds 2 to 4 of the classification measures of 2026: bad for values, improper use of minors'
images, improper disclosure or use of their data. Kind 1, what they may imitate, is checked under
the ecosystem provisions.
"""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ECOSYSTEM, MINORS_ONLINE, cite
from app.rules.rule import Rule

RULE = Rule(
    id="minors-24-kinds",
    topic=Topic.MINORS,
    citation=cite(MINORS_ONLINE, 24, paragraph=2),
    also=(cite(ECOSYSTEM, 7, 8), cite(ECOSYSTEM, 11)),
    in_force=date(2024, 1, 1),
    feature=Feature.CONTENT,
    on_breach=Verdict.HOLD,
    check=content_check(
        TermCategory.MINORS_VALUES, TermCategory.MINORS_IMAGE, TermCategory.MINORS_DATA
    ),
)
