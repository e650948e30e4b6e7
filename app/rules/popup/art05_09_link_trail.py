"""Pop-up Provisions art. 5(9): the redirects behind a declared link lead to no third party.

Where the operator lets links be followed, each hop is compared with the declared domains.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.links import TrailOutcome
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.links import WEB, belongs, declares_scheme, target
from app.rules.rule import Rule

_URL = "/link/url"


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    trail = facts.trail
    if trail is None:
        return
    for number, hop in enumerate(trail.hops, 1):
        if not _stays(hop, facts.provider.link_domains):
            yield Breach("trail-leaves", _URL, params={"hop": number, "to": hop})
            return
    match trail.outcome:
        case TrailOutcome.PENDING:
            yield Unverifiable("trail-pending", _URL, outage=True)
        case TrailOutcome.TOO_LONG:
            yield Breach("trail-too-long", _URL, params={"hops": len(trail.hops)})
        case TrailOutcome.FAILED:
            params = {"trail": trail.reason}
            yield Unverifiable("trail-failed", _URL, outage=False, params=params)
        case _:
            return


def _stays(hop: str, declared: tuple[str, ...]) -> bool:
    where = target(hop)
    if where.scheme in WEB:
        return belongs(where.host, declared)
    return declares_scheme(where.scheme, declared)


RULE = Rule(
    id="popup-05-09-link-trail",
    topic=Topic.REDIRECT,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    feature=Feature.LINKS,
    on_breach=Verdict.HOLD,
    check=check,
)
