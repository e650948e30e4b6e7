"""Computing stored decisions again from their facts (promise 7)."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import orjson

from app.db.session import Database
from app.pushes import repository
from app.pushes.records import StoredDecision
from app.pushes.stored import facts_from
from app.rules.engine import decide, encode
from app.rules.version import rule_set_version

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision computed again; `differences` is empty when it says the same.

    Under the rule set that it was made with, the bytes have to be the same; under another,
    every difference is listed with both versions.
    """

    push_id: str
    number: int
    made_with: str
    computed_with: str
    same_bytes: bool
    differences: tuple[str, ...]

    @property
    def is_broken(self) -> bool:
        """Whether the promise is broken: same rule set, other bytes."""
        return self.made_with == self.computed_with and not self.same_bytes


def replay(stored: StoredDecision) -> Replayed:
    """Decide again from the stored facts and compare."""
    computed = encode(decide(facts_from(stored.facts)))
    made_with = orjson.loads(stored.decision)["rule_set"]
    same = computed == stored.decision
    return Replayed(
        push_id=stored.push_id,
        number=stored.number,
        made_with=made_with,
        computed_with=rule_set_version(),
        same_bytes=same,
        differences=() if same else differences(stored.decision, computed),
    )


def differences(before: bytes, after: bytes) -> tuple[str, ...]:
    """Name every finding that one decision has and the other has not, and other verdicts."""
    old, new = orjson.loads(before), orjson.loads(after)
    lines = []
    if old["verdict"] != new["verdict"]:
        lines.append(f"verdict {old['verdict']} -> {new['verdict']}")
    had = [orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode() for one in old["findings"]]
    has = [orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode() for one in new["findings"]]
    # Counted, for the same finding may stand there twice.
    lines += [f"- {finding}" for finding in (Counter(had) - Counter(has)).elements()]
    lines += [f"+ {finding}" for finding in (Counter(has) - Counter(had)).elements()]
    return tuple(lines)


async def replay_all(db: Database, push_id: str | None = None) -> AsyncIterator[Replayed]:
    """Yield every stored decision computed again, of one push if given."""
    if push_id is not None:
        for stored in await db.read(lambda tx: repository.decisions_of(tx, push_id)):
            yield replay(stored)
        return
    last = ("", 0)
    while True:
        page = await db.read(partial(repository.decisions_after, last=last, limit=_PAGE))
        if not page:
            return
        for stored in page:
            yield replay(stored)
        last = (page[-1].push_id, page[-1].number)
