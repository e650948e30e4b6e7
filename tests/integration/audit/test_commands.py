"""What an operator types about the ledger and its keys."""

import asyncio
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from app.audit.events import AuditKind, system
from app.audit.key_log import log_keys
from app.audit.looking_up import EntryQuery
from app.audit.models import audit_entries
from app.audit.record import record
from app.audit.repository import find_entries
from app.audit.sealer import Sealer
from app.audit.sinks import FileSink
from app.cli import main
from app.clock import SystemClock
from app.commands.progress import Progress
from app.db.session import Database, Tx
from app.settings import Settings
from app.signing.keyring import Keyring
from app.signing.keys import Purpose
from app.signing.private_files import KeyringError
from tests.fixtures.clock import ManualClock

CLOCK = SystemClock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that the commands will read."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", database_url)
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path / "data"))
    return Settings()


def with_database(settings: Settings, work: Callable[[Database], Awaitable[None]]) -> None:
    async def opened() -> None:
        database = Database(settings.database)
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(opened())


def keep_ledger(settings: Settings, entries: int = 3) -> None:
    """Do what a gateway does: make keys, write entries, seal them."""

    async def work(database: Database) -> None:
        keyring = Keyring.load_or_create(settings.keys, CLOCK)
        await log_keys(database, keyring, CLOCK, system("test"))

        def write(tx: Tx) -> None:
            for number in range(entries):
                now = CLOCK.now()
                record(tx, now, AuditKind.RELEASE, system("releaser"), f"psh_{number}", to=number)

        await database.write(write)
        sinks = [FileSink(settings.checkpoints)]
        await Sealer(database, keyring, CLOCK, sinks, "popgate/test").run_once()

    with_database(settings, work)


def overwrite_one(settings: Settings) -> None:
    async def work(database: Database) -> None:
        statement = (
            update(audit_entries).where(audit_entries.c.subject == "psh_1").values(body="{}")
        )
        await database.write(lambda tx: tx.execute(statement).rowcount)

    with_database(settings, work)


def test_a_whole_ledger_is_verified(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    keep_ledger(settings)
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--every"]) == 0
    assert "intact: 5 entries, 1 checkpoints" in capsys.readouterr().out


def test_a_changed_entry_fails_the_verification_and_is_named(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_ledger(settings)
    overwrite_one(settings)
    assert main(["audit", "verify"]) == 1
    said = capsys.readouterr().out
    assert "was altered" in said
    assert "被改动" in said


def test_the_verification_holds_the_database_to_a_file_kept_elsewhere(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_ledger(settings)
    kept = tmp_path / "kept.log"
    kept.write_bytes(settings.checkpoints.read_bytes())
    assert main(["audit", "verify", "--checkpoints", str(kept)]) == 0
    kept.write_bytes(kept.read_bytes().replace(b"time 2", b"time 3"))
    assert main(["audit", "verify", "--checkpoints", str(kept)]) == 1
    assert "put aside" in capsys.readouterr().out


def test_entries_that_nobody_has_sealed_yet_are_counted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_ledger(settings)

    async def work(database: Database) -> None:
        now = CLOCK.now()
        await database.write(
            lambda tx: record(tx, now, AuditKind.RELEASE, system("releaser"), "psh_9")
        )

    with_database(settings, work)
    assert main(["audit", "verify"]) == 0
    assert "1 more not yet sealed" in capsys.readouterr().out


def test_without_keys_there_is_nothing_to_verify_against(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify"]) == 1
    said = capsys.readouterr().err
    assert "no keys here" in said
    assert "此处没有密钥" in said
    assert not settings.keys.exists()


def test_an_export_says_how_to_check_it_and_that_works(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_ledger(settings)
    file = tmp_path / "ledger.jsonl"
    assert main(["audit", "export", str(file)]) == 0
    said = capsys.readouterr().out
    assert "exported 5 entries and 1 checkpoints" in said
    program, *words = shlex.split(said.splitlines()[-1])
    assert program == "python"
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_export_that_cannot_be_written_says_so(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_ledger(settings)
    assert main(["audit", "export", str(tmp_path / "nowhere" / "ledger.jsonl")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("purpose", ["envelope", "checkpoint"])
def test_a_rotation_is_recorded_and_the_ledger_stays_whole(
    settings: Settings, purpose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_ledger(settings)
    before = Keyring.load(settings.keys, CLOCK).active(Purpose(purpose))
    assert main(["keys", "rotate", purpose]) == 0
    after = Keyring.load(settings.keys, CLOCK).active(Purpose(purpose))
    said = capsys.readouterr().out
    assert before.raw.hex() in said
    assert after.raw.hex() in said
    keep_ledger(settings, 1)
    assert main(["audit", "verify", "--every"]) == 0

    async def work(database: Database) -> None:
        query = EntryQuery(kind=AuditKind.SIGNING_KEY_ROTATED.value)
        (entry,) = await database.read(lambda tx: find_entries(tx, query))
        assert entry.text.subject == after.key_id
        assert f'"replaces":"{before.key_id}"' in entry.text.body

    with_database(settings, work)


def test_a_rotation_needs_keys(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "rotate", "envelope"]) == 1
    assert "no keys here" in capsys.readouterr().err
    with pytest.raises(KeyringError):
        Keyring.load(settings.keys, CLOCK)


def test_every_key_is_recorded_once(settings: Settings) -> None:
    keep_ledger(settings)
    keep_ledger(settings)

    async def work(database: Database) -> None:
        query = EntryQuery(kind=AuditKind.SIGNING_KEY_MADE.value)
        assert len(await database.read(lambda tx: find_entries(tx, query))) == 2

    with_database(settings, work)


def test_progress_is_shown_only_once_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    with Progress("verifying", clock) as progress:
        progress.reached(1)
        clock.advance(seconds=1.1)
        progress.reached(2)
        progress.reached(3)
        clock.advance(seconds=0.6)
        progress.reached(4)
    assert capsys.readouterr().err == "verifying 2\nverifying 4\n"
