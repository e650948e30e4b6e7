"""Pop-up Provisions art. 5(9): a link leads where it says, not on to a third party in disguise.

A short link, a redirect that leaves the declared domains and a name that is made to be taken for
a declared one may all be innocent: each is a judgement, and holds.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.links import LinkFacts, LinkMark, LinkSign
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    for link in facts.links:
        for mark in link.marks:
            yield from _noticed(link, mark)


def _noticed(link: LinkFacts, mark: LinkMark) -> Iterator[Breach]:
    # Of a code in a picture there is no text to mark.
    at, span = link.pointer, None if link.pointer.startswith("/images/") else mark.span
    named = {"host": link.host, "like": mark.host}
    shown = {"host": link.host, "shown": mark.host}
    if mark.sign is LinkSign.REDIRECT:
        yield Breach("link-redirects", at, span, {"name": mark.name or "/", "to": mark.host})
    elif mark.sign is LinkSign.SHORT:
        yield Breach("link-short", at, span, {"host": link.host})
    elif mark.sign is LinkSign.LOOKALIKE:
        yield Breach("link-lookalike", at, span, named)
    elif mark.sign is LinkSign.MIXED_SCRIPTS:
        yield Breach("link-mixed-scripts", at, span, shown)
    elif mark.sign is LinkSign.INTERNATIONAL:
        yield Breach("link-international", at, span, shown)


RULE = Rule(
    id="popup-05-09-link-disguise",
    topic=Topic.REDIRECT,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    feature=Feature.LINKS,
    on_breach=Verdict.HOLD,
    check=check,
)
