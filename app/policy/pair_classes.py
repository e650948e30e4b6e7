"""Which pushes need two persons: proposed by one admin, put in force by another."""

from collections.abc import Iterator
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.pairs import PairClasses
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.policy import pair_repository as rows
from app.policy.pair_repository import PairPolicy
from app.policy.topic_repository import registered_names
from app.rules.catalogue import CATALOGUE
from app.rules.product.human_review import RULE as HUMAN_REVIEW

LARGEST_AUDIENCE: Final = 1_000_000_000
MOST_REFUSED: Final = 1_000
MOST_DAYS: Final = 365
LONGEST_REASON: Final = 500
CLEARABLE: Final = tuple(rule for rule in CATALOGUE if rule.id != HUMAN_REVIEW.id)
"""The rules whose holds may be kept from one alone: this one holds every push."""
_CLEARABLE_IDS: Final = frozenset(rule.id for rule in CLEARABLE)


class PairSettings:
    """Commands on the versions; each writes what it did into the ledger."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read and write the database only: rulings and releases ask it in their transaction."""
        self._db = db
        self._clock = clock

    async def versions(self) -> list[PairPolicy]:
        """Return every version, the newest first."""
        return await self._db.read(rows.pair_policy_versions)

    async def propose(self, staff_id: str, classes: PairClasses, reason: str) -> PairPolicy:
        """Keep a draft; Invalid names what is wrong with it."""

        def work(tx: Tx) -> PairPolicy:
            found = tuple(_problems(classes, reason, registered_names(tx)))
            if found:
                raise Invalid(problems=found)
            version = PairPolicy(
                new_id("prp"), rows.next_pair_number(tx), classes, reason, "draft", staff_id,
                self._clock.now(),
            )  # fmt: skip
            rows.insert_pair_policy(tx, version)
            self._record(tx, AuditKind.PAIR_CLASSES_PROPOSED, version, staff_id)
            return version

        return await self._db.write(work)

    async def approve(self, policy_id: str, staff_id: str) -> None:
        """Put a draft in force; Forbidden for the admin who proposed it.

        It bears on everything that has not been released yet. What was found to need two needs
        two for good, whatever a later version says.
        """

        def work(tx: Tx) -> None:
            version = _draft(rows.pair_policy_by_id(tx, policy_id))
            if version.proposed_by == staff_id:
                raise Forbidden(
                    Words(
                        "提出人不能批准自己的双人审核范围，须由另一位管理员批准",
                        "Whoever proposed the classes cannot approve them; another admin has to",
                    )
                )
            now = self._clock.now()
            rows.supersede_active(tx)
            rows.change_pair_policy(
                tx, policy_id, state="active", approved_by=staff_id, approved_at=now
            )
            self._record(tx, AuditKind.PAIR_CLASSES_PUBLISHED, version, staff_id)

        await self._db.write(work)

    async def discard(self, policy_id: str, staff_id: str) -> None:
        """Drop a draft."""

        def work(tx: Tx) -> None:
            version = _draft(rows.pair_policy_by_id(tx, policy_id))
            rows.change_pair_policy(tx, policy_id, state="discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, version, staff_id)

        await self._db.write(work)

    def _record(self, tx: Tx, kind: AuditKind, version: PairPolicy, by: str) -> None:
        body = {"classes": rows.classes_json(version.classes), "reason": version.reason}
        record(tx, self._clock.now(), kind, Actor(ActorKind.STAFF, by), version.id, **body)


def _draft(version: PairPolicy | None) -> PairPolicy:
    if version is None:
        raise NotFound(Words("没有这个版本", "There is no such version"))
    if version.state != "draft":
        words = Words("版本的状态已经变了，请刷新", "Its state has changed; look again")
        raise Conflict(words, code="pair_classes_changed")
    return version


def _problems(
    classes: PairClasses, reason: str, registered: frozenset[str]
) -> Iterator[FieldProblem]:
    numbers = (
        ("/audience_over", classes.audience_over, 0, LARGEST_AUDIENCE),
        ("/most_refused", classes.most_refused, 0, MOST_REFUSED),
        ("/refused_days", classes.refused_days, 1, MOST_DAYS),
        ("/recheck_percent", classes.recheck_percent, 0, 100),
    )
    for pointer, number, low, high in numbers:
        if number is not None and not low <= number <= high:
            words = Words(f"须为 {low} 到 {high} 的整数", f"A whole number from {low} to {high}")
            yield FieldProblem(pointer, "out_of_range", words)
    if not registered.issuperset(classes.topics):
        words = Words("所列话题有的未登记", "Some of these topics are not registered")
        yield FieldProblem("/topics", "unknown_topic", words)
    if not _CLEARABLE_IDS.issuperset(classes.rules):
        words = Words("没有这样的规则", "There is no such rule")
        yield FieldProblem("/rules", "unknown_rule", words)
    if not reason.strip():
        yield FieldProblem("/reason", "required", Words("请填写理由", "A reason is required"))
    elif len(reason) > LONGEST_REASON:
        words = Words(f"最多 {LONGEST_REASON} 个字", f"At most {LONGEST_REASON} characters")
        yield FieldProblem("/reason", "too_long", words)
