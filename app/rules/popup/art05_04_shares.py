"""Pop-up Provisions art. 5(4): news, advertisements and other content keep sensible shares."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.push import ContentKind
from app.rules.history import history_unknown
from app.rules.instruments import popup
from app.rules.limits import ADS_SHARE, GENERAL_SHARE, NEWS_SHARE, SHARE_FROM
from app.rules.rule import Rule

_LIMITS: Final = {
    ContentKind.NEWS: NEWS_SHARE,
    ContentKind.ADVERTISEMENT: ADS_SHARE,
    ContentKind.GENERAL: GENERAL_SHARE,
}


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    history = facts.history
    if history is None:
        return
    if isinstance(history, Unknown):
        yield history_unknown(history)
        return
    released = {
        ContentKind.NEWS: history.news_today,
        ContentKind.ADVERTISEMENT: history.advertisements_today,
        ContentKind.GENERAL: history.general_today,
    }
    kind = facts.push.kind
    # This push counts with those that went out.
    total, own = sum(released.values()) + 1, released[kind] + 1
    share, limit = 100 * own // total, facts.limit(_LIMITS[kind])
    if total > facts.limit(SHARE_FROM) and share > limit:
        params = {"kind": kind.value, "share": share, "limit": limit, "total": total}
        yield Breach("share-too-high", "/kind", params=params)


RULE = Rule(
    id="popup-05-04-shares",
    topic=Topic.KIND_SHARE,
    citation=popup(5, 4, draft_item=5),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.HOLD,
    check=check,
)
