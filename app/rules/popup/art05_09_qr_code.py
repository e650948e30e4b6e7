"""Pop-up Provisions art. 5(9): no malicious QR codes that lead recipients to third parties.

The gateway reads the codes in the pictures. A code that leads to the provider's own declared
domains passes; what only looks like a code is not claimed to be one. A picture that nobody looked
into is for the rule `house-picture`.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.pictures import Code
from app.rules.codes import Leads, leads
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.links import facts_at
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    for number, picture in enumerate(facts.pictures):
        for place, code in enumerate(picture.codes or ()):
            yield from _code(facts, f"/images/{number}/codes/{place}", code)


def _code(facts: Facts, pointer: str, code: Code) -> Iterator[Breach]:
    link = next(iter(facts_at(facts, pointer)), None)
    says = {"says": code.text}
    match leads(code.text, link, facts.provider.link_domains):
        case Leads.CONTACT:
            yield Breach("code-contact", pointer, params=says)
        case Leads.PAYMENT:
            yield Breach("code-payment", pointer, params=says)
        case Leads.APP:
            yield Breach("code-app", pointer, params=says)
        case Leads.ELSEWHERE:
            yield Breach("code-third-party", pointer, params=says)
        case Leads.NOWHERE:
            yield Breach("code-words", pointer, params=says)
        case _:
            return


RULE = Rule(
    id="popup-05-09-qr-code",
    topic=Topic.QR_CODE,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    feature=Feature.PICTURES,
    on_breach=Verdict.HOLD,
    check=check,
)
