"""Pop-up Provisions art. 5(1): old news is not dug out again to stir up a topic.

The purpose counts (以恶意翻炒为目的), so old news with a reason is a question for the reviewer
and nothing here is certain enough to block.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.instruments import popup
from app.rules.limits import OLD_NEWS_DAYS
from app.rules.rule import NEWS, Rule

_PUBLISHED = "/source/published_at"


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    push = facts.push
    if push.source is None:
        return
    published = push.source.published_at
    if published is None:
        yield Unverifiable("publish-time-missing", _PUBLISHED, outage=False)
        return
    if published > facts.now:
        yield Breach("published-in-future", _PUBLISHED)
        return
    limit = facts.limit(OLD_NEWS_DAYS)
    age = facts.now - published
    if age > timedelta(days=limit) and not (push.rehash_reason or "").strip():
        params = {"days": age.days, "limit_days": limit}
        yield Breach("old-without-reason", "/rehash_reason", params=params)


RULE = Rule(
    id="popup-05-01-old-news",
    topic=Topic.REHASH,
    citation=popup(5, 1, draft_item=2),
    in_force=date(2022, 9, 30),
    kinds=NEWS,
    on_breach=Verdict.HOLD,
    check=check,
)
