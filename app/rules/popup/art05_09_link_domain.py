"""Pop-up Provisions art. 5(9): no malicious links that lead recipients to third parties.

A link that runs code is certain. Whether a foreign address is malicious is a judgement.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import popup
from app.rules.links import DANGEROUS, WEB, Target, belongs, target
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
    elif where.scheme not in WEB:
        params = {"scheme": where.scheme}
        yield Breach("link-app-scheme", _URL, params=params, at_most=Verdict.HOLD)
    else:
        yield from _host(where, facts.provider.link_domains)


def _host(where: Target, declared: tuple[str, ...]) -> Iterator[Breach]:
    params = {"host": where.host}
    if where.user_info:
        yield Breach("link-user-info", _URL, params=params, at_most=Verdict.HOLD)
    if not belongs(where.host, declared):
        yield Breach("link-undeclared", _URL, params=params, at_most=Verdict.HOLD)


RULE = Rule(
    id="popup-05-09-link-domain",
    topic=Topic.REDIRECT,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.BLOCK,
    check=check,
)
