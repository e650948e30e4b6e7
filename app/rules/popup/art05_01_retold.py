"""Pop-up Provisions art. 5(1): a story that was pushed before is not pushed again without a reason.

Compared with the pushes of the surface in the rule pack's number of days. Whether it is malicious
is a person's judgement, so it is held.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Param, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules.history import history_unknown
from app.rules.instruments import popup
from app.rules.rule import NEWS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    push, history = facts.push, facts.history
    if history is None:
        return
    if isinstance(history, Unknown):
        yield history_unknown(history)
        return
    if (push.rehash_reason or "").strip():
        return
    for earlier in history.retold[:1]:
        params: dict[str, Param] = {
            "push": earlier.push_id,
            "likeness": earlier.likeness,
            "days": max(0, (facts.now - earlier.submitted_at).days),
        }
        if earlier.released:
            yield Breach("retold", "/rehash_reason", params=params)
        else:
            yield Breach("waiting-twice", "/rehash_reason", params=params)


RULE = Rule(
    id="popup-05-01-retold",
    topic=Topic.REHASH,
    citation=popup(5, 1, draft_item=2),
    in_force=date(2022, 9, 30),
    kinds=NEWS,
    on_breach=Verdict.HOLD,
    check=check,
)
