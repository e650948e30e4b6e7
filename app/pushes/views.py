"""Reading pushes: one, many, their timelines, assets; for senders and for the console."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.db.session import Database, Tx
from app.delivery import repository as delivery
from app.delivery.exempted_repository import UseOfExemption, exempted_of, uses_of
from app.delivery.repository import Release
from app.domain.cap_use import CapUse
from app.domain.decision import Decision, Ruling
from app.domain.push import PushRequest
from app.domain.state import PushState
from app.errors import FieldProblem, Invalid, NotFound, Words
from app.policy.cap_use_repository import uses_by
from app.pushes import repository
from app.pushes.answers import Change, PushView, ReviewWait
from app.pushes.asset_repository import asset, was_released
from app.pushes.deciding import review_deadline
from app.pushes.records import RULED, Search, StoredAsset, StoredDecision, StoredPush, Transition
from app.pushes.settling import settled_state
from app.pushes.stored import decision_from, facts_from, versions_in
from app.review import repository as review
from app.review import ruling_repository as ruling_rows
from app.review.pass_repository import Pass, passes_of
from app.review.ruling_repository import StoredRuling
from app.review.service import Review


@dataclass(frozen=True, slots=True)
class Page:
    """Some pushes, the newest first, and where to go on; None at the end."""

    pushes: tuple[PushView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the console's search."""

    pushes: tuple[StoredPush, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one push, for the console; `outcomes` counts recipients.

    `sealed` are rulings that whoever may still rule must not see, unless they gave them.

    `left_out` has how many each cap has left out, `shadowed` how many shadow caps would have,
    `exempted` how many each exemption has let through, `warnings` which caps it brought near their
    limit.
    """

    push: StoredPush
    request: PushRequest
    decision: Decision
    decisions: tuple[StoredDecision, ...]
    timeline: tuple[Transition, ...]
    rulings: tuple[StoredRuling, ...]
    ticket_id: str | None
    passes: tuple[Pass, ...]
    release_id: str | None
    outcomes: dict[str, int] | None
    left_out: dict[str, int]
    shadowed: dict[str, int]
    exempted: dict[str, int]
    sealed: tuple[StoredRuling, ...] = ()
    warnings: tuple[CapUse, ...] = ()


_TOLD_BY_ROWS = frozenset(
    {PushState.RELEASING, PushState.RELEASED, PushState.PARTLY_RELEASED, PushState.FAILED}
)


class Views:
    """Answers questions about pushes; writes nothing."""

    def __init__(self, db: Database, review_service: Review) -> None:
        """Read from `db`; the review service knows how long the queue is."""
        self._db = db
        self._review = review_service

    async def let_through(self, exemption_id: str) -> list[UseOfExemption]:
        """Return which pushes an exemption from caps has let through, the newest first."""
        return await self._db.read(lambda tx: uses_of(tx, exemption_id))

    async def get(self, provider_id: str, push_id: str) -> PushView:
        """Return one push of a provider; NotFound for anybody else's."""

        def work(tx: Tx) -> PushView | None:
            push = repository.push_by_id(tx, push_id)
            if push is None or push.provider_id != provider_id:
                return None
            return _view(tx, push)

        view = await self._db.read(work)
        if view is None:
            raise _unknown_push()
        return await self._with_wait(view)

    async def find(
        self, provider_id: str, external_id: str | None, limit: int, cursor: str | None
    ) -> Page:
        """Return a provider's pushes, of one of its own ids if given; Invalid cursor."""
        before = _read_cursor(cursor)

        def work(tx: Tx) -> list[PushView]:
            found = repository.provider_pushes(tx, provider_id, external_id, before, limit + 1)
            return [_view(tx, push) for push in found]

        views = await self._db.read(work)
        shown = [await self._with_wait(view) for view in views[:limit]]
        return Page(tuple(shown), _cursor([view.push for view in views], limit))

    async def timeline(self, provider_id: str, push_id: str) -> list[Change]:
        """Return every change of state of a provider's push, with its versions; NotFound."""

        def work(tx: Tx) -> list[Change] | None:
            push = repository.push_by_id(tx, push_id)
            if push is None or push.provider_id != provider_id:
                return None
            made = [
                (one.decided_at, versions_in(one.facts))
                for one in repository.decisions_of(tx, push_id)
            ]
            return [
                Change(one, next(v for at, v in reversed(made) if at <= one.at))
                for one in repository.timeline(tx, push_id)
            ]

        changes = await self._db.read(work)
        if changes is None:
            raise _unknown_push()
        return changes

    async def search(self, wanted: Search, limit: int, cursor: str | None) -> Listed:
        """Return what the console searches for."""
        before = _read_cursor(cursor)
        found = await self._db.read(
            lambda tx: repository.search_pushes(tx, wanted, before, limit + 1)
        )
        return Listed(tuple(found[:limit]), _cursor(found, limit))

    async def by_ids(self, push_ids: Iterable[str]) -> dict[str, StoredPush]:
        """Return pushes of all providers by id, for the console; unknown ids are left out."""
        wanted = sorted(set(push_ids))

        def work(tx: Tx) -> dict[str, StoredPush]:
            found = (repository.push_by_id(tx, push_id) for push_id in wanted)
            return {push.id: push for push in found if push is not None}

        return await self._db.read(work)

    async def counts(self) -> dict[str, int]:
        """Return how many pushes are in each state."""
        return await self._db.read(repository.count_by_state)

    async def dossier(self, push_id: str) -> Dossier:
        """Return everything about one push; NotFound."""
        return await self._db.read(lambda tx: dossier_in(tx, push_id))

    async def release(self, release_id: str) -> Release | None:
        """Return a release with its signed bytes."""
        return await self._db.read(lambda tx: delivery.release_by_id(tx, release_id))

    async def asset(self, sha256: str) -> StoredAsset | None:
        """Return an image by its digest (hex), released or not; for the console alone."""
        return await self._db.read(lambda tx: asset(tx, sha256))

    async def released_asset(self, sha256: str) -> StoredAsset | None:
        """Return an image that some released push shows; None for all others."""

        def work(tx: Tx) -> StoredAsset | None:
            return asset(tx, sha256) if was_released(tx, sha256) else None

        return await self._db.read(work)

    async def _with_wait(self, view: PushView) -> PushView:
        if view.review is None:
            return view
        rank = 0 if view.push.urgency == "emergency" else 1
        due = await self._review.wait(rank, view.review.deadline)
        wait = ReviewWait(view.review.deadline, due.ahead, due.seconds)
        return replace(view, review=wait)


def _view(tx: Tx, push: StoredPush) -> PushView:
    decided = repository.latest_decision(tx, push.id)
    if decided is None:
        raise LookupError(push.id)
    rows = delivery.outcomes_of(tx, push.id)
    state = push.state
    if state in _TOLD_BY_ROWS and rows:
        # A dead letter may have been replayed since the push was settled.
        state = settled_state(rows) or PushState.RELEASING
    left_out, shadowed = delivery.left_out_of(tx, push.id) if rows else ({}, {})
    waits = push.state is PushState.IN_REVIEW
    return PushView(
        push=push,
        state=state,
        decision=decision_from(decided.decision),
        review=ReviewWait(review_deadline(push), 0) if waits else None,
        ruling=None if waits else _told(push, ruling_rows.rulings_of(tx, push.id)),
        outcomes=tuple(outcomes for _, outcomes in rows) if rows else None,
        left_out=left_out,
        shadowed=shadowed,
        exempted=exempted_of(tx, push.id),
        warnings=uses_by(tx, push.id),
    )


def _told(push: StoredPush, given: list[StoredRuling]) -> Ruling | None:
    """Return the ruling that a sender is told of: the last that stands and says what became."""
    standing = [one.ruling for one in given if one.standing]
    said = [one for one in standing if RULED[one.verdict] is push.state]
    return next(reversed(said or standing), None)


def dossier_in(tx: Tx, push_id: str) -> Dossier:
    """Return everything about one push as the transaction sees it; NotFound."""
    push = repository.push_by_id(tx, push_id)
    if push is None:
        raise _unknown_push()
    return _dossier(tx, push)


def _dossier(tx: Tx, push: StoredPush) -> Dossier:
    first = repository.first_decision(tx, push.id)
    if first is None:
        raise LookupError(push.id)
    every = repository.decisions_of(tx, push.id)
    release = delivery.release_of(tx, push.id)
    ticket = review.ticket_of_push(tx, push.id)
    given = ruling_rows.rulings_of(tx, push.id)
    waits = push.state is PushState.IN_REVIEW
    sealed = tuple(one for one in given if waits and one.is_sealed)
    left_out, shadowed = delivery.left_out_of(tx, push.id)
    return Dossier(
        push=push,
        request=facts_from(first.facts).push,
        decision=decision_from(every[-1].decision),
        decisions=tuple(every),
        timeline=tuple(repository.timeline(tx, push.id)),
        rulings=tuple(one for one in given if one not in sealed),
        sealed=sealed,
        ticket_id=None if ticket is None else ticket.id,
        passes=() if ticket is None else tuple(passes_of(tx, ticket.id)),
        release_id=None if release is None else release.id,
        outcomes=None if release is None else delivery.outcome_counts(tx, push.id),
        left_out=left_out,
        shadowed=shadowed,
        exempted=exempted_of(tx, push.id),
        warnings=uses_by(tx, push.id),
    )


def _cursor(found: list[StoredPush], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    return urlsafe_b64encode(found[limit - 1].id.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        before = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    if not before.isprintable():
        raise _bad_cursor()
    return before


def _bad_cursor() -> Invalid:
    problem = FieldProblem("/cursor", "malformed", Words("游标无效", "The cursor is malformed"))
    return Invalid(problems=(problem,))


def _unknown_push() -> NotFound:
    return NotFound(Words("没有这条推送", "There is no such push"))
