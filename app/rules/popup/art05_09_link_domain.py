"""Pop-up Provisions art. 5(9): no malicious links that lead recipients to third parties.

A link that runs code is certain. Whether a foreign address is malicious is a judgement.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.links import LinkSign
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.links import (
    DANGEROUS,
    WEB,
    Target,
    belongs,
    declares_scheme,
    facts_at,
    has_sign,
    target,
)
from app.rules.rule import Rule

_URL = "/link/url"


def check(facts: Facts) -> Iterator[Breach]:
    link = facts.push.link
    if link is None:
        return
    where = target(link.url)
    if where.scheme in DANGEROUS:
        yield Breach("link-runs-code", _URL, params={"scheme": where.scheme})
    elif not where.readable:
        yield Breach("link-unreadable", _URL, at_most=Verdict.HOLD)
    elif where.scheme in WEB:
        yield from _host(where, facts)
    elif not declares_scheme(where.scheme, facts.provider.link_domains):
        yield from _app(where, facts)


def _app(where: Target, facts: Facts) -> Iterator[Breach]:
    params = {"scheme": where.scheme}
    if has_sign(facts, _URL, LinkSign.APP_MARKET):
        named = {"market": where.scheme}
        yield Breach("link-app-market", _URL, params=named, at_most=Verdict.HOLD)
    else:
        yield Breach("link-app-scheme", _URL, params=params, at_most=Verdict.HOLD)


def _host(where: Target, facts: Facts) -> Iterator[Breach]:
    # The canonical host, where it was worked out: escapes undone, numbers written plainly.
    host = next((one.host for one in facts_at(facts, _URL)), where.host)
    if where.user_info:
        yield Breach("link-user-info", _URL, params={"host": host}, at_most=Verdict.HOLD)
    if has_sign(facts, _URL, LinkSign.NO_NAME):
        yield Breach("link-no-name", _URL, params={"host": host}, at_most=Verdict.HOLD)
    elif has_sign(facts, _URL, LinkSign.APP_MARKET):
        yield Breach("link-app-market", _URL, params={"market": host}, at_most=Verdict.HOLD)
    elif not belongs(host, facts.provider.link_domains):
        yield Breach("link-undeclared", _URL, params={"host": host}, at_most=Verdict.HOLD)


RULE = Rule(
    id="popup-05-09-link-domain",
    topic=Topic.REDIRECT,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    feature=Feature.LINKS,
    on_breach=Verdict.BLOCK,
    check=check,
)
