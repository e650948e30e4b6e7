"""Writing a rule pack: beginning a draft, changing what it says, proposing it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock, beijing_day
from app.db.engines import long_work
from app.db.session import Database, Tx
from app.errors import Conflict, Invalid, Words
from app.ids import new_id
from app.packs import pack_repository as repository
from app.packs.content import Item, ItemKind, PackContent, TermEntry, items_digest
from app.packs.entries import Entry, check_entry
from app.packs.loading import PackLoader
from app.packs.moves import (
    PackView,
    check_note,
    check_title,
    moved,
    must_be_revision,
    must_exist,
    note_pack,
    pack_view,
    with_items,
)
from app.packs.pack_repository import RulePack
from app.packs.states import PackState
from app.packs.trying import Fault, draft_screener, example_faults

_NAMED: Final = 50
"""Of how many entries of one change the ledger keeps the names."""


class Authoring:
    """Drafts of the rule pack; one at a time, so that no change is lost in another's."""

    def __init__(self, db: Database, clock: Clock, loader: PackLoader) -> None:
        """Everything is recorded in the ledger, in the transaction that changes it."""
        self._db = db
        self._clock = clock
        self._loader = loader

    async def view(self, pack_id: str) -> PackView:
        """Return a pack with what it says and what is in force; NotFound."""
        return await self._db.read(lambda tx: pack_view(tx, pack_id))

    async def begin(self, staff_id: str, title: str, note: str) -> RulePack:
        """Open a draft that says what is in force; Conflict while another is open."""
        check_title(title)
        check_note(note)
        pack_id = new_id("pck")

        @long_work
        def work(tx: Tx) -> RulePack:
            if repository.open_pack(tx) is not None:
                words = Words(
                    "已有一份规则包在编写，请先完成或放弃它",
                    "A rule pack is being worked on; finish or discard it first",
                )
                raise Conflict(words, code="pack_open")
            now = self._clock.now()
            active = repository.active_pack(tx)
            items = [] if active is None else repository.items_of(tx, active.id)
            pack = RulePack(
                id=pack_id,
                number=repository.next_number(tx),
                title=title,
                note=note,
                state=PackState.DRAFT,
                revision=1,
                digest=items_digest(items),
                created_by=staff_id,
                created_at=now,
                edited_by=staff_id,
                edited_at=now,
            )
            repository.insert_pack(tx, pack)
            repository.insert_items(tx, pack.id, items)
            note_pack(tx, AuditKind.RULE_PACK_BEGUN, pack, staff_id, now)
            return pack

        return await self._db.write(work)

    async def try_entry(self, pack_id: str, entry: TermEntry) -> tuple[Fault, ...]:
        """Return which examples of a term would fail if the draft said so.

        Raises Invalid for what can never be met or is out of bounds; takes about a second.
        """
        found = await self.view(pack_id)
        check_entry(entry, self._loader.base.lexicon, self._clock.now())
        if entry.removed:
            return ()
        content = with_items(found.content, [entry.to_item()])
        screener = await draft_screener(self._loader.compiler, content)
        return example_faults(screener, (entry,), beijing_day(self._clock.now()))

    async def save(self, pack_id: str, staff_id: str, entries: Iterable[Entry]) -> RulePack:
        """Put entries into a draft, in place of those about the same; Invalid, Conflict.

        An entry that leaves a shipped term as it is takes the draft's own away.
        """
        given = tuple(entries)
        for entry in given:
            check_entry(entry, self._loader.base.lexicon, self._clock.now())
        saved, dropped = self._sorted(given)

        def change(tx: Tx) -> None:
            for item in dropped:
                repository.delete_item(tx, pack_id, item.key)
            repository.insert_items(tx, pack_id, saved)

        names = [entry.to_item().name for entry in given[:_NAMED]]
        return await self._change(pack_id, staff_id, change, saved=len(given), names=names)

    async def drop(self, pack_id: str, staff_id: str, key: tuple[ItemKind, str, str]) -> RulePack:
        """Take back what a draft says about one thing, so that the shipped holds again."""

        def change(tx: Tx) -> None:
            repository.delete_item(tx, pack_id, key)

        return await self._change(pack_id, staff_id, change, dropped=[str(part) for part in key])

    async def propose(self, pack_id: str, staff_id: str, note: str) -> RulePack:
        """Ask for the second approval; Invalid while an example fails, Conflict if no change."""
        check_note(note)
        found = await self.view(pack_id)
        await self._must_pass_examples(found.content)

        def work(tx: Tx) -> RulePack:
            pack = moved(tx, pack_id, PackState.PROPOSED)
            must_be_revision(pack, found.pack.revision)
            now = self._clock.now()
            items = repository.items_of(tx, pack.id)
            active = repository.active_pack(tx)
            digest = items_digest(items)
            if digest == (items_digest(()) if active is None else active.digest):
                words = Words("与现行规则包没有差异", "It does not differ from what is in force")
                raise Conflict(words, code="no_difference")
            pack = replace(
                pack, digest=digest, proposed_by=staff_id, proposed_at=now, note=note or pack.note
            )
            repository.update_pack(tx, pack)
            note_pack(tx, AuditKind.RULE_PACK_PROPOSED, pack, staff_id, now, items=len(items))
            return pack

        return await self._db.write(work)

    async def note_export(self, staff_id: str, list_id: str, terms: int) -> None:
        """Note in the ledger who took a list with them."""

        def work(tx: Tx) -> None:
            kind, actor = AuditKind.WORD_LIST_EXPORTED, Actor(ActorKind.STAFF, staff_id)
            record(tx, self._clock.now(), kind, actor, list_id, terms=terms)

        await self._db.write(work)

    async def _must_pass_examples(self, content: PackContent) -> None:
        screener = await draft_screener(self._loader.compiler, content)
        faults = example_faults(screener, content.terms, beijing_day(self._clock.now()))
        if faults:
            raise Invalid(
                Words("有样例未通过，不能提交复核", "Examples fail; it cannot be proposed"),
                problems=tuple(fault.problem for fault in faults[:20]),
            )

    def _sorted(self, entries: Iterable[Entry]) -> tuple[list[Item], list[Item]]:
        """Return the items to store, and those that say what is shipped anyway."""
        saved: list[Item] = []
        dropped: list[Item] = []
        ships = self._loader.ships
        for entry in entries:
            same = isinstance(entry, TermEntry) and ships.says_nothing_new(entry)
            (dropped if same else saved).append(entry.to_item())
        return saved, dropped

    async def _change(
        self, pack_id: str, staff_id: str, change: Callable[[Tx], None], **what: object
    ) -> RulePack:
        @long_work
        def work(tx: Tx) -> RulePack:
            pack = must_exist(repository.pack_by_id(tx, pack_id))
            if pack.state is not PackState.DRAFT:
                words = Words("规则包已提交，不能再改", "The rule pack is no longer a draft")
                raise Conflict(words, code="not_a_draft")
            change(tx)
            now = self._clock.now()
            pack = replace(pack, revision=pack.revision + 1, edited_by=staff_id, edited_at=now)
            repository.update_pack(tx, pack)
            repository.note_editor(tx, pack.id, staff_id)
            note_pack(tx, AuditKind.RULE_PACK_EDITED, pack, staff_id, now, **what)
            return pack

        return await self._db.write(work)
