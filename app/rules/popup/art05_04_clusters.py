"""Pop-up Provisions art. 5(4): no clusters of pushes on one event, case or disaster."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules.history import history_unknown
from app.rules.instruments import popup
from app.rules.limits import TOPIC_DAILY
from app.rules.rule import NEWS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    history = facts.history
    if history is None:
        return
    if isinstance(history, Unknown):
        yield history_unknown(history)
        return
    limit = facts.limit(TOPIC_DAILY)
    if history.on_topic >= limit:
        params = {"count": history.on_topic, "limit": limit}
        yield Breach("topic-clustered", "/topic", params=params)


RULE = Rule(
    id="popup-05-04-clusters",
    topic=Topic.TOPIC_CLUSTERING,
    citation=popup(5, 4, draft_item=5),
    in_force=date(2022, 9, 30),
    kinds=NEWS,
    on_breach=Verdict.HOLD,
    check=check,
)
