"""Whatever is done to the ledger in the database is found, and named."""

import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit import offline_verifier
from app.audit.chain import EntryText, Frontier
from app.audit.checkpoint import note_hash, parse_note, sign_checkpoint
from app.audit.export import export_ledger, export_lines, sealed_so_far
from app.audit.repository import StoredEntry, entry_by_id
from app.audit.sinks import LedgerError
from tests.fixtures.ledger import LedgerBench

SCRIPT = Path(offline_verifier.__file__)


async def order(ledger: LedgerBench) -> list[str]:
    found = await ledger.scalars("SELECT entry_id FROM audit_leaves ORDER BY leaf_index")
    return [str(entry_id) for entry_id in found]


async def read_entry(ledger: LedgerBench, entry_id: str) -> StoredEntry:
    found = await ledger.db.read(partial(entry_by_id, entry_id=entry_id))
    assert found is not None
    return found


def offline(ledger: LedgerBench, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier as a stranger would: isolated from our packages and our folder."""
    keys = [word for key in ledger.public_keys() for word in ("--key", key.hex())]
    return subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(file), *keys, *more],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


async def test_an_empty_ledger_is_not_broken(ledger: LedgerBench) -> None:
    verified = await ledger.verify()
    assert (verified.entries, verified.checkpoints, verified.problems) == (0, 0, ())


async def test_an_untouched_ledger_is_found_whole(ledger: LedgerBench) -> None:
    await ledger.batches(3, 1, 4)
    await ledger.write(2)
    verified = await ledger.verify(every=True)
    assert verified.problems == ()
    assert (verified.entries, verified.checkpoints, verified.unsealed) == (8, 3, 2)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-11-21 02:00:00.000001"),
        ("kind", "ruling_undone"),
        ("actor_kind", "system"),
        ("actor_id", "stf_2"),
        ("subject", "psh_other"),
        ("body", '{"reason":"else"}'),
        ("body", ""),
        ("body", '"'),
    ],
)
async def test_every_changed_field_of_an_entry_is_found_and_the_entry_named(
    ledger: LedgerBench, column: str, value: str
) -> None:
    await ledger.batches(3, 2)
    target = (await order(ledger))[1]
    await ledger.overwrite("audit_entries", f"id = '{target}'", **{column: value})
    assert await ledger.problems() == [f"entry {target} (leaf 1) was altered"]


async def test_a_renamed_entry_is_found(ledger: LedgerBench) -> None:
    await ledger.batches(2)
    target = (await order(ledger))[0]
    other = target[:-1] + ("0" if target[-1] != "0" else "1")
    await ledger.overwrite("audit_entries", f"id = '{target}'", id=other)
    await ledger.overwrite("audit_leaves", f"entry_id = '{target}'", entry_id=other)
    assert await ledger.problems() == [f"entry {other} (leaf 0) was altered"]


async def test_an_altered_digest_is_named_wherever_it_is(ledger: LedgerBench) -> None:
    await ledger.batches(3)
    target = (await order(ledger))[2]
    await ledger.overwrite("audit_entries", f"id = '{target}'", digest="ab" * 32)
    assert await ledger.problems() == [
        f"the digest of entry {target} is not the one that was sealed"
    ]
    await ledger.overwrite("audit_leaves", f"entry_id = '{target}'", digest="ab" * 32)
    assert f"the digest of entry {target} (leaf 2) was altered" in await ledger.problems()


async def test_a_removed_entry_is_named(ledger: LedgerBench) -> None:
    await ledger.batches(3)
    target = (await order(ledger))[1]
    await ledger.delete("audit_entries", f"id = '{target}'")
    assert await ledger.problems() == [f"entry {target} (leaf 1) was removed"]


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
async def test_an_entry_removed_with_its_place_is_found(ledger: LedgerBench, place: int) -> None:
    await ledger.batches(3, 2)
    target = (await order(ledger))[place]
    await ledger.delete("audit_leaves", f"leaf_index = {place}")
    await ledger.delete("audit_entries", f"id = '{target}'")
    assert await ledger.problems() != []


async def test_entries_that_changed_places_are_found(ledger: LedgerBench) -> None:
    await ledger.batches(4)
    ids = await order(ledger)
    await ledger.overwrite("audit_leaves", "leaf_index = 0", leaf_index=9)
    await ledger.overwrite("audit_leaves", "leaf_index = 1", leaf_index=0)
    await ledger.overwrite("audit_leaves", "leaf_index = 9", leaf_index=1)
    problems = await ledger.problems()
    assert len(problems) == 1
    assert ids[0] in problems[0]
    assert ids[1] in problems[0]


async def test_an_entry_put_between_others_is_found(ledger: LedgerBench) -> None:
    await ledger.batches(2, 2)
    new = (await ledger.write(1))[0]
    digest = (await read_entry(ledger, new)).digest
    for index in (3, 2, 1):
        await ledger.overwrite("audit_leaves", f"leaf_index = {index}", leaf_index=index + 1)
    await ledger.insert_leaf(1, new, digest)
    assert any(new in problem for problem in await ledger.problems())


async def test_an_entry_put_behind_the_last_checkpoint_is_found(ledger: LedgerBench) -> None:
    await ledger.batches(2)
    new = (await ledger.write(1))[0]
    digest = (await read_entry(ledger, new)).digest
    await ledger.insert_leaf(2, new, digest)
    assert await ledger.problems() == [f"no checkpoint seals the entries {new} to {new}"]


async def test_an_entry_altered_before_it_was_sealed_is_named(ledger: LedgerBench) -> None:
    new = (await ledger.write(1))[0]
    await ledger.overwrite("audit_entries", subject="psh_other")
    assert await ledger.problems() == [f"entry {new}, not yet sealed, was altered"]
    await ledger.sealer().run_once()
    assert await ledger.problems() == [f"entry {new} (leaf 0) was altered"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("frontier", "ab" * 32),
        ("frontier", "zz"),
        ("frontier", ""),
        ("at", "2026-11-21 02:00:00.500000"),
        ("note", "nothing"),
    ],
)
async def test_an_altered_checkpoint_is_found(ledger: LedgerBench, column: str, value: str) -> None:
    await ledger.batches(2, 2)
    await ledger.overwrite("audit_checkpoints", "size = 2", **{column: value})
    assert await ledger.problems() != []


@pytest.mark.parametrize("size", [2, 3, 5])
async def test_a_removed_checkpoint_is_found(ledger: LedgerBench, size: int) -> None:
    await ledger.batches(2, 1, 2)
    await ledger.delete("audit_checkpoints", f"size = {size}")
    assert await ledger.problems() != []


async def rewrite(ledger: LedgerBench, private: Ed25519PrivateKey) -> None:
    """Change the first entry and make everything in the database fit it, signing with `private`."""
    ids = await order(ledger)
    stored = await read_entry(ledger, ids[0])
    changed: EntryText = replace(stored.text, subject="psh_other")
    digest = changed.digest().hex()
    await ledger.overwrite("audit_entries", f"id = '{ids[0]}'", subject="psh_other", digest=digest)
    await ledger.overwrite("audit_leaves", "leaf_index = 0", digest=digest)
    leaves = await ledger.scalars("SELECT digest FROM audit_leaves ORDER BY leaf_index")
    notes = await ledger.scalars("SELECT note FROM audit_checkpoints ORDER BY size")
    previous = None
    for note in notes:
        stated = parse_note(str(note)).checkpoint
        tree = Frontier().extended(bytes.fromhex(str(leaf)) for leaf in leaves[: stated.size])
        raw = ledger.public_keys()[0]
        forged = sign_checkpoint(
            replace(stated, root=tree.root(), previous=previous), raw, private.sign
        )
        previous = note_hash(forged)
        frontier = b"".join(tree.nodes).hex()
        await ledger.overwrite(
            "audit_checkpoints", f"size = {stated.size}", note=forged, frontier=frontier
        )


async def test_history_rewritten_by_somebody_without_the_key_is_found(ledger: LedgerBench) -> None:
    await ledger.batches(2, 2)
    ledger.checkpoint_file.unlink()
    await rewrite(ledger, Ed25519PrivateKey.generate())
    assert await ledger.problems() == ["the signature of checkpoint 4 is false"]
    assert len(await ledger.problems(every=True)) == 2


async def test_history_rewritten_with_the_key_is_found_by_the_file_outside(
    ledger: LedgerBench,
) -> None:
    await ledger.batches(2, 2)
    pem = next((ledger.folder / "keys").glob("checkpoint-*.pem")).read_bytes()
    await rewrite(ledger, private_key(pem))
    assert await ledger.problems() == [
        "history was rewritten: the ledger lacks the earlier checkpoint 2",
        "history was rewritten: the ledger lacks the earlier checkpoint 4",
    ]
    ledger.checkpoint_file.unlink()
    assert await ledger.problems() == []


def private_key(pem: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - for one test
        load_pem_private_key,
    )

    loaded = load_pem_private_key(pem, None)
    assert isinstance(loaded, Ed25519PrivateKey)
    return loaded


async def test_a_ledger_cut_at_a_checkpoint_is_found_by_the_file_outside(
    ledger: LedgerBench,
) -> None:
    await ledger.batches(2, 2)
    late = (await order(ledger))[2:]
    await ledger.delete("audit_checkpoints", "size > 2")
    await ledger.delete("audit_leaves", "leaf_index >= 2")
    for entry_id in late:
        await ledger.delete("audit_entries", f"id = '{entry_id}'")
    problems = await ledger.problems()
    assert len(problems) == 1
    assert problems[0].startswith("the ledger was cut short")


async def test_an_emptied_ledger_is_found_by_the_file_outside(ledger: LedgerBench) -> None:
    await ledger.batches(2)
    for table in ("audit_checkpoints", "audit_leaves", "audit_entries"):
        await ledger.delete(table)
    assert any("cut short" in problem for problem in await ledger.problems())


async def test_an_altered_checkpoint_file_is_found(ledger: LedgerBench) -> None:
    await ledger.batches(2, 1)
    whole = ledger.checkpoint_file.read_bytes()
    for position in range(0, len(whole), 37):
        changed = bytearray(whole)
        changed[position] ^= 1
        ledger.checkpoint_file.write_bytes(changed)
        assert await ledger.problems() != [], position
    ledger.checkpoint_file.write_bytes(whole[:-5])
    assert await ledger.problems() == ["a checkpoint that was put aside is damaged"]


async def test_a_file_that_cannot_be_read_is_a_problem(ledger: LedgerBench) -> None:
    await ledger.batches(1)
    ledger.checkpoint_file.unlink()
    ledger.checkpoint_file.mkdir()
    assert any("cannot be read" in problem for problem in await ledger.problems())


async def test_an_entry_sealed_long_after_its_time_is_pointed_out(ledger: LedgerBench) -> None:
    await ledger.batches(1)
    backdated = (await ledger.write(1))[0]
    ledger.clock.advance(seconds=3600)
    await ledger.sealer().run_once()
    verified = await ledger.verify()
    assert verified.problems == ()
    assert [notice.en for notice in verified.notices] == [
        f"entry {backdated} was sealed 60 minutes after its own time"
    ]


async def test_a_stranger_checks_an_export_with_one_file(ledger: LedgerBench) -> None:
    await ledger.batches(3, 1, 2)
    await ledger.write(1)
    file = ledger.folder / "ledger.jsonl"
    exported = await export_ledger(ledger.db, file)
    assert (exported.leaves, exported.checkpoints) == (6, 3)
    done = offline(ledger, file, "--checkpoint", str(ledger.checkpoint_file), "--every")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 entries, 3 checkpoints" in done.stdout
    assert "看过" in file.read_text()


async def test_a_stranger_sees_what_was_altered_and_is_told_wrong_use(
    ledger: LedgerBench,
) -> None:
    await ledger.batches(3)
    file = ledger.folder / "ledger.jsonl"
    await export_ledger(ledger.db, file)
    file.write_bytes(file.read_bytes().replace("看过".encode(), "没看".encode(), 1))
    done = offline(ledger, file)
    assert done.returncode == 1
    assert "(leaf 0) was altered" in done.stdout
    assert offline(ledger, ledger.folder / "none.jsonl").returncode == 2
    assert offline(ledger, file, "--key", "abc").returncode == 2
    empty = ledger.folder / "empty"
    empty.write_bytes(b"")
    assert offline(ledger, file, "--checkpoint", str(empty)).returncode == 2


async def test_a_stranger_sees_that_an_export_is_older_than_a_checkpoint_put_aside(
    ledger: LedgerBench,
) -> None:
    await ledger.batches(2)
    file = ledger.folder / "ledger.jsonl"
    await export_ledger(ledger.db, file)
    await ledger.batches(1)
    done = offline(ledger, file, "--checkpoint", str(ledger.checkpoint_file))
    assert done.returncode == 1
    assert "the ledger was cut short" in done.stdout


async def test_an_export_is_whole_or_is_not_there(ledger: LedgerBench) -> None:
    await ledger.batches(3)
    target = (await order(ledger))[1]
    await ledger.delete("audit_entries", f"id = '{target}'")
    file = ledger.folder / "ledger.jsonl"
    with pytest.raises(LedgerError, match="leaf 1 is missing"):
        await export_ledger(ledger.db, file)
    assert list(ledger.folder.glob("ledger.jsonl*")) == []


async def test_an_export_comes_in_parts_and_ends_where_it_said(ledger: LedgerBench) -> None:
    await ledger.batches(3, 2)
    what = await sealed_so_far(ledger.db)
    parts = []
    async for part in export_lines(ledger.db, what):
        parts.append(part)
        if len(parts) == 2:
            # What is sealed meanwhile is no part of it.
            await ledger.batches(4)
    assert [part.count(b"\n") for part in parts] == [1, 4, 3]
    file = ledger.folder / "ledger.jsonl"
    file.write_bytes(b"".join(parts))
    assert offline(ledger, file).returncode == 0
    # One that broke off is seen, for its header says how much there should be.
    file.write_bytes(b"".join(parts[:-1]))
    assert offline(ledger, file).returncode == 1


async def test_an_export_of_nothing_is_a_header(ledger: LedgerBench) -> None:
    file = ledger.folder / "ledger.jsonl"
    exported = await export_ledger(ledger.db, file)
    assert (exported.leaves, exported.checkpoints) == (0, 0)
    assert offline(ledger, file).returncode == 1
