"""Sealing on real databases: nothing left out, nothing twice, nothing sealed on a false base."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit.checkpoint import parse_note, sign_checkpoint, split_notes
from app.audit.repository import append, append_all, last_checkpoint, unsealed
from app.audit.sealer import Sealer
from app.audit.sinks import FileSink, LedgerError
from app.db.session import Database, Tx
from app.signing.keys import Purpose
from tests.fixtures.clock import ManualClock
from tests.fixtures.ledger import LedgerBench


def notes_in(path: Path) -> list[str]:
    notes, torn = split_notes(path.read_text())
    assert torn == ""
    return notes


def failure(sealer: Sealer) -> str:
    return "" if sealer.status.failure is None else sealer.status.failure.en


async def test_entries_get_their_places_and_a_checkpoint_outside(ledger: LedgerBench) -> None:
    ids = await ledger.write(3)
    assert await ledger.sealer().run_once() == 3
    sealed = await ledger.scalars("SELECT entry_id FROM audit_leaves ORDER BY leaf_index")
    assert list(sealed) == sorted(ids)
    notes = notes_in(ledger.checkpoint_file)
    assert [parse_note(note).checkpoint.size for note in notes] == [3]
    assert await ledger.problems() == []


async def test_without_new_entries_nothing_is_sealed(ledger: LedgerBench) -> None:
    sealer = ledger.sealer()
    assert await sealer.run_once() == 0
    await ledger.write(2)
    assert await sealer.run_once() == 2
    assert await sealer.run_once() == 0
    assert len(notes_in(ledger.checkpoint_file)) == 1


async def test_an_entry_that_was_committed_late_is_not_passed_over(ledger: LedgerBench) -> None:
    late = ledger.entry("psh_late")
    sealer = ledger.sealer()
    await ledger.write(3)
    await sealer.run_once()
    await ledger.db.write(lambda tx: append(tx, late))
    assert await sealer.run_once() == 1
    assert await ledger.problems() == []


async def test_a_look_at_the_recent_entries_alone_leaves_older_ones_to_the_sweep(
    ledger: LedgerBench,
) -> None:
    ids = await ledger.write(6)
    seen = await ledger.db.read(lambda tx: unsealed(tx, 10, newest=2))
    assert [entry_id for entry_id, _ in seen] == sorted(ids)[-2:]
    everything = await ledger.db.read(lambda tx: unsealed(tx, 10))
    assert [entry_id for entry_id, _ in everything] == sorted(ids)
    assert len(await ledger.db.read(lambda tx: unsealed(tx, 4))) == 4


async def test_several_sealers_at_once_make_one_ledger(ledger: LedgerBench) -> None:
    others = [Database(ledger.url) for _ in range(3)]
    sealers = [ledger.sealer(db) for db in others]
    stop = asyncio.Event()

    async def seal(number: int) -> int:
        sealed = 0
        while not stop.is_set():
            sealed += await sealers[number].run_once()
        return sealed + await sealers[number].run_once()

    async def write() -> None:
        for _ in range(15):
            await asyncio.gather(*(ledger.write(2) for _ in range(4)))
        stop.set()

    *sealed, _ = await asyncio.gather(*(seal(number) for number in range(3)), write())
    assert sum(count for count in sealed if count is not None) == 120
    places = await ledger.scalars("SELECT leaf_index FROM audit_leaves ORDER BY leaf_index")
    assert list(places) == list(range(120))
    assert await ledger.problems(every=True) == []
    for db in others:
        await db.close()


async def test_the_first_seal_of_two_sealers_is_made_once(ledger: LedgerBench) -> None:
    await ledger.write(5)
    others = [Database(ledger.url) for _ in range(2)]
    counts = await asyncio.gather(*(ledger.sealer(db).run_once() for db in others))
    assert sorted(counts) == [0, 5]
    assert await ledger.problems(every=True) == []
    for db in others:
        await db.close()


async def test_running_seals_within_a_second_and_once_more_at_the_end(ledger: LedgerBench) -> None:
    stop, sealer = asyncio.Event(), ledger.sealer()
    running = asyncio.create_task(sealer.run(stop))
    await ledger.write(2)
    await asyncio.sleep(1.0)
    assert sealer.status.size == 2
    await ledger.write(1)
    stop.set()
    await running
    assert sealer.status.size == 3
    assert sealer.status.failure is None


async def test_a_file_that_missed_checkpoints_in_a_crash_is_brought_level(
    ledger: LedgerBench,
) -> None:
    await ledger.batches(2, 1, 3)
    whole = ledger.checkpoint_file.read_bytes()
    first = len(notes_in(ledger.checkpoint_file)[0].encode())
    for kept in (0, 10, first - 1, first, first + 1, len(whole) - 1, len(whole)):
        ledger.checkpoint_file.write_bytes(whole[:kept])
        await ledger.sealer().run_once()
        assert ledger.checkpoint_file.read_bytes() == whole, kept


async def test_a_cut_in_the_middle_of_a_character_is_repaired(ledger: LedgerBench) -> None:
    await ledger.batches(2, 1)
    whole = ledger.checkpoint_file.read_bytes()
    dash = whole.rindex("—".encode())
    for kept in (dash + 1, dash + 2):
        ledger.checkpoint_file.write_bytes(whole[:kept])
        await ledger.sealer().run_once()
        assert ledger.checkpoint_file.read_bytes() == whole


async def test_a_lost_file_is_written_anew(ledger: LedgerBench) -> None:
    await ledger.batches(2, 1)
    whole = ledger.checkpoint_file.read_bytes()
    ledger.checkpoint_file.unlink()
    await ledger.sealer().run_once()
    assert ledger.checkpoint_file.read_bytes() == whole


async def test_several_sinks_get_the_same_checkpoints(ledger: LedgerBench, tmp_path: Path) -> None:
    await ledger.batches(2, 1)
    second = tmp_path / "elsewhere" / "copy.log"
    await ledger.sealer(file=second).run_once()
    assert second.read_bytes() == ledger.checkpoint_file.read_bytes()


async def test_a_database_that_was_rolled_back_is_not_sealed_on(ledger: LedgerBench) -> None:
    await ledger.batches(2, 1)
    await ledger.delete("audit_checkpoints", "size > 2")
    await ledger.delete("audit_leaves", "leaf_index >= 2")
    await ledger.write(1)
    with pytest.raises(LedgerError, match="rolled back"):
        await ledger.sealer().run_once()
    assert list(await ledger.scalars("SELECT size FROM audit_checkpoints")) == [2]
    assert any("cut short" in problem for problem in await ledger.problems())


async def test_a_running_sealer_notices_a_rollback_without_any_file(ledger: LedgerBench) -> None:
    sealer = ledger.sealer()
    await ledger.write(2)
    await sealer.run_once()
    await ledger.delete("audit_checkpoints")
    await ledger.delete("audit_leaves")
    ledger.checkpoint_file.unlink()
    with pytest.raises(LedgerError, match="rolled back"):
        await sealer.run_once()


async def test_a_checkpoint_that_we_did_not_sign_is_not_built_upon(ledger: LedgerBench) -> None:
    await ledger.batches(2)
    stored = await ledger.db.read(last_checkpoint)
    assert stored is not None
    stranger = Ed25519PrivateKey.generate()
    raw = ledger.keyring.active(Purpose.CHECKPOINT).raw
    forged = sign_checkpoint(replace(stored.checkpoint(), root=bytes(32)), raw, stranger.sign)
    await ledger.overwrite("audit_checkpoints", note=forged)
    ledger.checkpoint_file.write_text(forged)
    await ledger.write(1)
    with pytest.raises(LedgerError, match="not signed by this gateway"):
        await ledger.sealer().run_once()


async def test_a_changed_frontier_is_not_built_upon(ledger: LedgerBench) -> None:
    await ledger.batches(2)
    await ledger.overwrite("audit_checkpoints", frontier="ab" * 32)
    await ledger.write(1)
    with pytest.raises(LedgerError, match="not signed by this gateway"):
        await ledger.sealer().run_once()


async def test_a_damaged_digest_is_named_and_stops_the_sealing(ledger: LedgerBench) -> None:
    ids = await ledger.write(1)
    await ledger.overwrite("audit_entries", digest="z" * 64)
    with pytest.raises(LedgerError, match=ids[0]):
        await ledger.sealer().run_once()


async def test_a_damaged_checkpoint_stops_the_copying(ledger: LedgerBench) -> None:
    await ledger.batches(2)
    whole = ledger.checkpoint_file.read_text()
    # The last digit of the base64 before "=" has bits that say nothing: another digit, same bytes.
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = digits[digits.index(whole[-3]) ^ 1]
    ledger.checkpoint_file.write_text(whole[:-3] + twin + whole[-2:])
    with pytest.raises(LedgerError, match="a checkpoint is damaged"):
        await ledger.sealer().run_once()
    ledger.checkpoint_file.unlink()
    await ledger.overwrite("audit_checkpoints", note="nothing")
    with pytest.raises(LedgerError, match="a checkpoint is damaged"):
        await ledger.sealer().run_once()


async def test_foreign_bytes_in_the_file_stop_the_copying(ledger: LedgerBench) -> None:
    await ledger.batches(2, 1)
    whole = ledger.checkpoint_file.read_bytes()
    first = len(notes_in(ledger.checkpoint_file)[0].encode())
    ledger.checkpoint_file.write_bytes(whole[:first] + b"something else")
    with pytest.raises(LedgerError, match="belong to no checkpoint"):
        await ledger.sealer().run_once()
    ledger.checkpoint_file.write_bytes(b"x" * 10_000)
    with pytest.raises(LedgerError, match="not a file of checkpoints"):
        await ledger.sealer().run_once()


async def test_a_file_of_another_ledger_stops_the_copying(
    ledger: LedgerBench, tmp_path: Path
) -> None:
    await ledger.batches(2, 1)
    first, second = notes_in(ledger.checkpoint_file)
    sink = FileSink(tmp_path / "other.log")
    sink.append([first])
    with pytest.raises(LedgerError, match="does not follow"):
        sink.append([sign_again(ledger, second)])
    sink.append([first, second])
    assert notes_in(tmp_path / "other.log") == [first, second]


def sign_again(ledger: LedgerBench, note: str) -> str:
    """The same checkpoint, genuinely signed, upon another predecessor."""
    key = ledger.keyring.active(Purpose.CHECKPOINT)
    other = replace(parse_note(note).checkpoint, previous=bytes(32))

    def sign(data: bytes) -> bytes:
        return ledger.keyring.sign(Purpose.CHECKPOINT, data).value

    return sign_checkpoint(other, key.raw, sign)


async def test_entries_are_sealed_although_the_file_cannot_be_written(
    ledger: LedgerBench, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    await ledger.write(2)
    sealer = ledger.sealer(file=blocked / "no" / "checkpoints.log")
    (blocked / "no").write_text("a file where a folder should be")
    stop = asyncio.Event()
    stop.set()
    await sealer.run(stop)
    assert "could not be written" in failure(sealer)
    assert list(await ledger.scalars("SELECT size FROM audit_checkpoints")) == [2]
    (blocked / "no").unlink()
    await sealer.run(stop)
    assert failure(sealer) == ""
    assert len(notes_in(blocked / "no" / "checkpoints.log")) == 1


async def test_sealing_goes_on_with_the_new_key_after_a_rotation(ledger: LedgerBench) -> None:
    sealer = ledger.sealer()
    await ledger.write(2)
    await sealer.run_once()
    old, new = ledger.keyring.rotate(Purpose.CHECKPOINT)
    await ledger.write(1)
    await sealer.run_once()
    signers = [parse_note(note).checkpoint.key_id for note in notes_in(ledger.checkpoint_file)]
    assert signers == [old.key_id, new.key_id]
    assert await ledger.problems(every=True) == []
    await ledger.write(1)
    assert await ledger.sealer().run_once() == 1


async def test_a_write_that_fails_leaves_no_entry(ledger: LedgerBench) -> None:
    class StoppedError(Exception):
        pass

    def work_and_fail(tx: Tx) -> None:
        append_all(tx, [ledger.entry("psh_1")])
        raise StoppedError

    with suppress(StoppedError):
        await ledger.db.write(work_and_fail)
    assert await ledger.sealer().run_once() == 0


async def test_an_entry_without_canonical_form_is_refused_by_name(ledger: LedgerBench) -> None:
    broken = replace(ledger.entry("psh_1"), body={"scores": [1, 0.5]})
    with pytest.raises(TypeError, match="/scores/1: float"):
        await ledger.db.write(lambda tx: append(tx, broken))


async def test_on_postgresql_a_role_that_may_only_insert_is_enough(
    postgres_empty_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    owner = LedgerBench(postgres_empty_url, tmp_path, clock)
    await owner.make_tables()
    await owner.tamper(
        "DO $$ BEGIN CREATE ROLE insert_only LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
    )
    tables = "audit_entries, audit_leaves, audit_checkpoints"
    await owner.tamper(f"GRANT SELECT, INSERT ON {tables} TO insert_only")
    bench = LedgerBench(postgres_empty_url.replace("popgate@", "insert_only@"), tmp_path, clock)
    await bench.batches(2, 1)
    assert await bench.problems(every=True) == []
    await bench.db.close()
    await owner.db.close()
