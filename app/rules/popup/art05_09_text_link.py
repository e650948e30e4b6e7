"""Pop-up Provisions art. 5(9): addresses written in the words lead to no third party either."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.links import WEB, belongs, declares_scheme, facts_at
from app.rules.rule import Rule

_WORDS = ("/title", "/body")


def check(facts: Facts) -> Iterator[Breach]:
    declared = facts.provider.link_domains
    for link in facts_at(facts, *_WORDS):
        if link.scheme in WEB:
            if not belongs(link.host, declared):
                yield Breach("text-undeclared", link.pointer, link.span, {"host": link.host})
        elif not declares_scheme(link.scheme, declared):
            yield Breach("text-app-scheme", link.pointer, link.span, {"scheme": link.scheme})


RULE = Rule(
    id="popup-05-09-text-link",
    topic=Topic.REDIRECT,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    feature=Feature.LINKS,
    on_breach=Verdict.HOLD,
    check=check,
)
