"""Putting a rule pack in force: the second approval, staging, publishing, rolling back."""

from dataclasses import dataclass, replace

from app.audit.events import AuditKind
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import bump
from app.errors import Conflict, Words
from app.packs import pack_repository as repository
from app.packs import worker_repository
from app.packs.loading import PACKS, STAGED
from app.packs.moves import (
    check_note,
    moved,
    must_be_revision,
    must_be_second,
    must_exist,
    note_pack,
)
from app.packs.pack_repository import PUBLISH, ROLLBACK, Activation, RulePack
from app.packs.states import PackState
from app.packs.worker_repository import Worker


@dataclass(frozen=True, slots=True)
class Overview:
    """What is in force, what is being worked on, all packs, and who has loaded what."""

    active: RulePack | None
    open: RulePack | None
    packs: tuple[RulePack, ...]
    activations: tuple[Activation, ...]
    workers: tuple[Worker, ...]

    @property
    def can_roll_back(self) -> bool:
        """Whether one admin may undo the last publishing: a rollback is not itself undone."""
        return bool(self.activations) and self.activations[0].kind == PUBLISH

    @property
    def not_ready(self) -> tuple[Worker, ...]:
        """Workers that have not loaded the staged pack."""
        staged = self.open
        if staged is None or staged.state is not PackState.STAGED:
            return ()
        return tuple(worker for worker in self.workers if worker.staged_id != staged.id)


class Publishing:
    """Moves proposed packs on; every move is recorded in the ledger."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Workers learn of every move from the versions that they poll."""
        self._db = db
        self._clock = clock

    async def overview(self) -> Overview:
        """Return everything about packs and workers as it stands."""
        return await self._db.read(self._overview)

    async def approve(self, pack_id: str, staff_id: str, revision: int) -> RulePack:
        """Give the second approval: from now on every worker loads the pack in advance.

        Forbidden for its authors, Conflict if it is not the revision that was looked at.
        """

        def work(tx: Tx) -> RulePack:
            pack = moved(tx, pack_id, PackState.STAGED)
            must_be_revision(pack, revision)
            must_be_second(tx, pack, staff_id)
            active = repository.active_pack(tx)
            now = self._clock.now()
            pack = replace(
                pack,
                approved_by=staff_id,
                approved_at=now,
                approved_over="" if active is None else active.id,
            )
            repository.update_pack(tx, pack)
            bump(tx, STAGED, self._clock)
            note_pack(tx, AuditKind.RULE_PACK_STAGED, pack, staff_id, now, over=pack.approved_over)
            return pack

        return await self._db.write(work)

    async def send_back(self, pack_id: str, staff_id: str, reason: str) -> RulePack:
        """Make a proposed or staged pack a draft again; its approval is void."""
        check_note(reason, pointer="/reason", required=True)

        def work(tx: Tx) -> RulePack:
            pack = replace(
                moved(tx, pack_id, PackState.DRAFT),
                proposed_by=None,
                proposed_at=None,
                approved_by=None,
                approved_at=None,
                approved_over=None,
            )
            repository.update_pack(tx, pack)
            bump(tx, STAGED, self._clock)
            now = self._clock.now()
            note_pack(tx, AuditKind.RULE_PACK_RETURNED, pack, staff_id, now, reason=reason)
            return pack

        return await self._db.write(work)

    async def discard(self, pack_id: str, staff_id: str, reason: str) -> RulePack:
        """Drop a pack that is not in force; its rows stay for the record."""
        check_note(reason, pointer="/reason", required=True)

        def work(tx: Tx) -> RulePack:
            now = self._clock.now()
            pack = replace(moved(tx, pack_id, PackState.DISCARDED), ended_at=now, end_reason=reason)
            repository.update_pack(tx, pack)
            bump(tx, STAGED, self._clock)
            note_pack(tx, AuditKind.RULE_PACK_DISCARDED, pack, staff_id, now, reason=reason)
            return pack

        return await self._db.write(work)

    async def publish(
        self, pack_id: str, staff_id: str, reason: str, *, force: bool = False
    ) -> RulePack:
        """Put a staged pack in force everywhere.

        Forbidden for its authors; Conflict if another came into force since the approval, or,
        unless `force` is given with a reason, while a worker has not loaded it: such a worker
        decides nothing until it has.
        """
        check_note(reason, pointer="/reason", required=force)

        def work(tx: Tx) -> RulePack:
            pack = moved(tx, pack_id, PackState.ACTIVE)
            must_be_second(tx, pack, staff_id)
            active = repository.active_pack(tx)
            if ("" if active is None else active.id) != pack.approved_over:
                words = Words(
                    "批准之后现行规则包已变化，请退回重新复核",
                    "Another pack came into force since the approval; send it back to be looked "
                    "at again",
                )
                raise Conflict(words, code="approved_over_another")
            if not force:
                self._must_be_loaded(tx, pack)
            now = self._clock.now()
            if active is not None:
                ended = replace(active, state=PackState.SUPERSEDED, ended_at=now)
                repository.update_pack(tx, ended)
            pack = replace(pack, published_by=staff_id, published_at=now)
            repository.update_pack(tx, pack)
            self._activate(tx, PUBLISH, pack, active, (staff_id, reason, force))
            return pack

        return await self._db.write(work)

    async def roll_back(self, staff_id: str, reason: str) -> RulePack | None:
        """Undo the last publishing: what was in force before is again, at once.

        One admin may: two approved what comes back (app/README.md). None means that the shipped
        lists alone are in force again. Conflict where the last activation was itself a rollback.
        """
        check_note(reason, pointer="/reason", required=True)

        def work(tx: Tx) -> RulePack | None:
            newest = repository.activations(tx, 1)
            if not newest or newest[0].kind != PUBLISH or newest[0].pack_id is None:
                words = Words(
                    "没有可撤回的发布；再往前须另拟规则包并由两人办理",
                    "There is no publishing to undo; further back takes a new pack and two admins",
                )
                raise Conflict(words, code="nothing_to_roll_back")
            last = newest[0]
            now = self._clock.now()
            ended = replace(
                moved(tx, last.pack_id or "", PackState.ROLLED_BACK),
                ended_at=now,
                end_reason=reason,
            )
            repository.update_pack(tx, ended)
            before = None
            if last.replaced_id is not None:
                before = replace(moved(tx, last.replaced_id, PackState.ACTIVE), ended_at=None)
                repository.update_pack(tx, before)
            self._activate(tx, ROLLBACK, before, ended, (staff_id, reason, False))
            return before

        return await self._db.write(work)

    def _activate(
        self,
        tx: Tx,
        kind: str,
        pack: RulePack | None,
        replaced: RulePack | None,
        done: tuple[str, str, bool],
    ) -> None:
        """Write down what is in force from now on, and let every worker know."""
        staff_id, reason, forced = done
        newest = repository.activations(tx, 1)
        now = self._clock.now()
        activation = Activation(
            number=newest[0].number + 1 if newest else 1,
            pack_id=None if pack is None else pack.id,
            replaced_id=None if replaced is None else replaced.id,
            kind=kind,
            forced=forced,
            reason=reason,
            by=staff_id,
            at=now,
        )
        repository.insert_activation(tx, activation)
        bump(tx, PACKS, self._clock)
        bump(tx, STAGED, self._clock)
        audited = (
            AuditKind.RULE_PACK_ACTIVATED if kind == PUBLISH else AuditKind.RULE_PACK_ROLLED_BACK
        )
        subject = pack if kind == PUBLISH else replaced
        note_pack(
            tx,
            audited,
            must_exist(subject),
            staff_id,
            now,
            activation=activation.number,
            in_force=activation.pack_id or "",
            replaced=activation.replaced_id or "",
            reason=reason,
            forced=forced,
        )

    def _must_be_loaded(self, tx: Tx, pack: RulePack) -> None:
        missing = [
            worker
            for worker in worker_repository.workers(tx, self._clock.now())
            if worker.staged_id != pack.id
        ]
        if missing:
            names = "、".join(f"{one.name} {one.fault}".strip() for one in missing)
            words = Words(
                f"尚未载入的进程：{names}。请稍候；强制发布时这些进程将暂停判定，直到载入",
                f"Not loaded yet by: {names}. Wait a moment; if forced, these decide nothing "
                "until they have loaded it",
            )
            raise Conflict(words, code="not_loaded")

    def _overview(self, tx: Tx) -> Overview:
        return Overview(
            repository.active_pack(tx),
            repository.open_pack(tx),
            tuple(repository.packs(tx)),
            tuple(repository.activations(tx)),
            tuple(worker_repository.workers(tx, self._clock.now())),
        )
