"""Reading the ledger back, as the console does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import pytest

from app.audit.batches import sealed_batches
from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.looking_up import EntryQuery
from app.audit.repository import (
    StoredEntry,
    append,
    append_all,
    entry_by_id,
    find_entries,
)
from app.db.session import Database, Tx
from tests.fixtures.ledger import LedgerBench

T = TypeVar("T")


async def find(ledger: LedgerBench, query: EntryQuery) -> list[StoredEntry]:
    return await ledger.db.read(lambda tx: find_entries(tx, query))


async def test_entries_are_found_by_each_field_newest_first(ledger: LedgerBench) -> None:
    release = replace(
        ledger.entry("psh_1"), kind=AuditKind.RELEASE, actor=Actor(ActorKind.SYSTEM, "releaser")
    )
    ruling = ledger.entry("psh_1")
    other = ledger.entry("psh_2")
    await ledger.db.write(lambda tx: append_all(tx, [release, ruling, other]))
    newest_first = sorted([release.id, ruling.id, other.id], reverse=True)
    assert [found.text.id for found in await find(ledger, EntryQuery())] == newest_first
    assert {one.text.id for one in await find(ledger, EntryQuery(subject="psh_1"))} == {
        release.id,
        ruling.id,
    }
    assert [one.text.id for one in await find(ledger, EntryQuery(kind="release"))] == [release.id]
    by_actor = await find(ledger, EntryQuery(actor_id="releaser"))
    assert [one.text.id for one in by_actor] == [release.id]
    page = await find(ledger, EntryQuery(limit=2))
    rest = await find(ledger, EntryQuery(before=page[-1].text.id))
    assert [one.text.id for one in [*page, *rest]] == newest_first


async def test_an_entry_says_whether_it_is_sealed(ledger: LedgerBench) -> None:
    entry = ledger.entry("psh_1")
    await ledger.db.write(lambda tx: append(tx, entry))
    before = await ledger.db.read(lambda tx: entry_by_id(tx, entry.id))
    await ledger.sealer().run_once()
    after = await ledger.db.read(lambda tx: entry_by_id(tx, entry.id))
    assert before is not None
    assert after is not None
    assert (before.leaf_index, after.leaf_index) == (None, 0)
    assert after.at == entry.at
    assert await ledger.db.read(lambda tx: entry_by_id(tx, "aud_none")) is None


async def test_writing_no_entries_does_nothing(ledger: LedgerBench) -> None:
    await ledger.db.write(lambda tx: append_all(tx, []))
    assert await find(ledger, EntryQuery()) == []


async def test_every_instant_is_hashed_in_utc_to_the_microsecond(ledger: LedgerBench) -> None:
    beijing = timezone(timedelta(hours=8))
    entry = replace(ledger.entry("psh_1"), at=datetime(2026, 11, 21, 10, 0, 0, 7, tzinfo=beijing))
    await ledger.db.write(lambda tx: append(tx, entry))
    (found,) = await find(ledger, EntryQuery())
    assert found.text.at == "2026-11-21T02:00:00.000007Z"
    assert found.text.digest().hex() == found.digest


async def test_an_instant_without_a_zone_is_refused(ledger: LedgerBench) -> None:
    entry = replace(ledger.entry("psh_1"), at=ledger.clock.now().replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        await ledger.db.write(lambda tx: append(tx, entry))


async def test_hostile_text_is_stored_and_hashed_as_it_is(ledger: LedgerBench) -> None:
    hostile = '\x00\x1f"\\\u202e\u200b\U0001f600\u2028</script>'
    entry = replace(ledger.entry("psh_1"), body={hostile: hostile})
    await ledger.db.write(lambda tx: append(tx, entry))
    await ledger.sealer().run_once()
    assert await ledger.problems() == []


async def test_what_is_sealed_while_the_ledger_is_read_is_read_too(ledger: LedgerBench) -> None:
    await ledger.batches(2, 3)
    sizes = []
    async for leaves, checkpoint in sealed_batches(ledger.db):
        assert checkpoint is not None
        sizes.append((len(leaves), checkpoint.size))
        if checkpoint.size == 5:
            await ledger.batches(1)
    assert sizes == [(2, 2), (3, 5), (1, 6)]


@pytest.mark.parametrize("moment", range(1, 6))
async def test_a_seal_between_two_reads_is_no_false_alarm(ledger: LedgerBench, moment: int) -> None:
    await ledger.batches(2)

    class SealedMeanwhile(Database):
        """A database that is sealed on right before one of its reads."""

        reads = 0

        async def read(self, fn: Callable[[Tx], T]) -> T:
            self.reads += 1
            if self.reads == moment:
                await ledger.batches(2)
            return await super().read(fn)

    db = SealedMeanwhile(ledger.url)
    seen = [(len(leaves), sealed and sealed.size) async for leaves, sealed in sealed_batches(db)]
    assert seen == [(2, 2), (2, 4)]
    assert db.reads >= moment
    await db.close()
