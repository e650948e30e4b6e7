"""Pushes that need two persons: which they are, what their rulings come to, what may go out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from app.audit.events import AuditKind, system
from app.audit.record import record
from app.db.session import Tx
from app.delivery import repository as delivery
from app.domain.decision import Decision, Ruling, RulingVerdict, Verdict
from app.domain.pairs import TWO, Awaited, PairClasses, PairSubject, outcome, reasons_for
from app.domain.push import Urgency
from app.policy.pair_repository import active_classes
from app.pushes import pair_repository as rows
from app.pushes.records import StoredPush
from app.review import ruling_repository as review
from app.review.repository import set_pair
from app.review.ruling_repository import StoredRuling

IsTied = Callable[[Tx, str, str], bool]
_PERSON = "staff:"


@dataclass(frozen=True, slots=True)
class Settled:
    """What two or three rulings came to: the verdict, those that stand, the one to tell of."""

    verdict: RulingVerdict
    standing: tuple[StoredRuling, ...]
    telling: StoredRuling


def reasons(
    tx: Tx, push: StoredPush, classes: PairClasses, holds: Iterable[str], now: datetime
) -> tuple[str, ...]:
    """Return why a push needs two persons, by these classes and by what was noted before."""
    known = push.pair_reasons or ()
    if classes.is_empty:
        return known
    refused = 0
    if classes.most_refused is not None:
        since = now - timedelta(days=classes.refused_days)
        refused = rows.refused_since(tx, push.sender_id, since)
    content = orjson.loads(push.canonical)["push"]
    found = reasons_for(
        classes,
        PairSubject(
            audience=push.audience_size,
            is_emergency=push.urgency == Urgency.EMERGENCY.value,
            minors=content["minors"],
            topic=content["topic"],
            holds=tuple(holds),
            refused=refused,
        ),
    )
    return tuple(dict.fromkeys([*known, *(reason.value for reason in found)]))


def needed(tx: Tx, push: StoredPush, holds: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Return why a push needs two persons, and write down that it does, for good."""
    found = reasons(tx, push, active_classes(tx), holds, now)
    if found != (push.pair_reasons or ()):
        rows.set_pair_reasons(tx, push.id, found)
    return found


def counting(
    tx: Tx, push: StoredPush, holds: Sequence[str], is_tied: IsTied, now: datetime
) -> list[StoredRuling]:
    """Return the sealed rulings on a push that count, the first first; end those that do not.

    An approval that knew nothing of a hold that is open now does not count, nor a ruling by
    somebody who has been tied to the provider since.
    """
    good = []
    for stored in review.rulings_of(tx, push.id):
        if not stored.is_sealed:
            continue
        ruling = stored.ruling
        approves = ruling.verdict is RulingVerdict.APPROVE
        knew_all = not approves or set(holds) <= set(ruling.clears)
        if knew_all and not is_tied(tx, staff_of(ruling), push.provider_id):
            good.append(stored)
            continue
        review.end_ruling(tx, ruling.id, now)
        why = "tied_to_provider" if knew_all else "new_hold"
        record(
            tx, now, AuditKind.RULING_VOIDED, system("pairing"), push.id, ruling=ruling.id, why=why
        )
    return good


def settle(
    tx: Tx, earlier: Sequence[StoredRuling], latest: StoredRuling, now: datetime
) -> Settled | None:
    """Return what the rulings come to, or None while another person has to rule.

    All of them are sealed in the database; those that decide stand after this, the others have
    ended. The ticket waits for whoever is missing.
    """
    every = (*earlier, latest)
    verdict = outcome([one.ruling.verdict for one in every])
    if isinstance(verdict, Awaited):
        await_next(tx, latest.ticket_id, every)
        return None
    approves = verdict is RulingVerdict.APPROVE
    stand = [one for one in every if (one.ruling.verdict is RulingVerdict.APPROVE) is approves]
    others = [one.ruling.id for one in every if one not in stand]
    review.let_stand(tx, [one.ruling.id for one in stand])
    review.overrule(tx, others, latest.ruling.id, now)
    telling = [one for one in stand if one.ruling.verdict is verdict][-1]
    return Settled(verdict, tuple(stand), telling)


def reopen(tx: Tx, undone: StoredRuling, now: datetime) -> None:
    """Take back a ruling on a push that needs two; the others are as sealed as before it."""
    review.end_ruling(tx, undone.ruling.id, now)
    others = [
        one
        for one in review.rulings_of(tx, undone.ruling.push_id)
        if one.ruling.id != undone.ruling.id and _was_beside(tx, one, undone)
    ]
    review.seal_again(tx, [one.ruling.id for one in others])
    await_next(tx, undone.ticket_id, others)


def _was_beside(tx: Tx, one: StoredRuling, undone: StoredRuling) -> bool:
    """Tell whether a ruling was given on the same occasion: rows hang on those of earlier ones."""
    if one.is_sealed or one.overruled_by == undone.ruling.id:
        return True
    return one.standing and not delivery.hangs_on(tx, one.ruling.id)


def await_next(tx: Tx, ticket_id: str, given: Sequence[StoredRuling]) -> None:
    """Let a ticket wait for somebody else than those who gave these rulings."""
    persons = [staff_of(one.ruling) for one in given]
    first, second = [*persons, None, None][:2]
    set_pair(tx, ticket_id, first, second)


def staff_of(ruling: Ruling) -> str:
    """Return the id of the staff member who ruled."""
    return ruling.reviewer.removeprefix(_PERSON)


def two_approvals(push: StoredPush, decision: Decision, rulings: Sequence[Ruling]) -> list[Ruling]:
    """Return two approvals by two persons who each cleared every hold; fewer if there are none.

    Only approvals over these very bytes by somebody who is not the submitter count, the latest
    first.
    """
    holds = {one.rule for one in decision.findings if one.verdict is Verdict.HOLD}
    found: dict[str, Ruling] = {}
    for ruling in reversed(rulings):
        if is_approval(push, ruling) and holds <= set(ruling.clears):
            found.setdefault(ruling.reviewer, ruling)
    return list(found.values())[:TWO]


def is_approval(push: StoredPush, ruling: Ruling) -> bool:
    """Tell whether somebody else than the submitter approved these very bytes."""
    return (
        ruling.verdict is RulingVerdict.APPROVE
        and ruling.digest == push.digest
        and ruling.push_id == push.id
        and ruling.reviewer not in {push.submitter, ""}
    )
