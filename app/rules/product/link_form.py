"""House policy, art. 8: links are encrypted, on the usual port and short enough to be read."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.features import Feature
from app.rules.instruments import HOUSE, cite
from app.rules.limits import LINK_MAX_LENGTH
from app.rules.links import facts_at
from app.rules.rule import Rule

_URL = "/link/url"


def check(facts: Facts) -> Iterator[Breach]:
    """Look at the link's scheme, port and length."""
    link = facts.push.link
    if link is None:
        return
    for found in facts_at(facts, _URL):
        if found.scheme == "http":
            yield Breach("link-plain-http", _URL)
        if found.port is not None:
            yield Breach("link-odd-port", _URL, params={"port": found.port})
    most = facts.limit(LINK_MAX_LENGTH)
    if len(link.url) > most:
        params = {"length": len(link.url), "limit": most}
        yield Breach("link-too-long", _URL, params=params)


RULE = Rule(
    id="house-link-form",
    topic=Topic.REDIRECT,
    citation=cite(HOUSE, 8),
    in_force=date(2022, 9, 30),
    feature=Feature.LINKS,
    on_breach=Verdict.HOLD,
    check=check,
)
