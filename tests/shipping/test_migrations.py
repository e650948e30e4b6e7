"""The migrations build the tables that the code expects on both databases, up and down."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from app.db.metadata import metadata
from app.db.revisions import (
    configuration,
    current_revision,
    newest_revision,
    step_down,
    upgrade,
)
from app.db.session import Database
from app.shipped import shipped_folder
from tests.fixtures.gate import Gate
from tests.fixtures.valkey import flush


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a table, in a folder that is not there yet."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_empty_url")
    else:
        yield f"sqlite:///{tmp_path / 'new' / 'gateway.db'}"


def in_thread(work: object, *arguments: object) -> None:
    """Migrate as commands do: where no event loop runs."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work, *arguments).result()  # type: ignore[arg-type]


async def tables(url: str) -> set[str]:
    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}

    database = Database(url)
    try:
        return await database.read(names)
    finally:
        await database.close()


async def test_an_empty_database_gets_every_table_and_no_drift(url: str) -> None:
    assert await current_revision(url) is None
    in_thread(upgrade, url)
    assert await current_revision(url) == newest_revision() is not None
    assert await tables(url) == set(metadata.tables)
    in_thread(command.check, configuration(url))


async def test_every_revision_steps_down_and_up_again(url: str) -> None:
    revisions = list(ScriptDirectory(str(shipped_folder("migrations"))).walk_revisions())
    in_thread(upgrade, url)
    for revision in revisions:
        before = revision.down_revision or "base"
        in_thread(step_down, url, before)
        assert await current_revision(url) == revision.down_revision
        in_thread(command.upgrade, configuration(url), revision.revision)
        assert await current_revision(url) == revision.revision
        in_thread(step_down, url, before)
    assert await tables(url) == set()


def test_two_that_migrate_at_once_do_it_once(url: str) -> None:
    environ = os.environ | {"GATEWAY_DATABASE_URL": url}
    command_line = [sys.executable, "-m", "app.cli", "migrate"]
    both = [subprocess.Popen(command_line, env=environ) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert subprocess.run([*command_line, "--check"], env=environ, check=False).returncode == 0


def test_there_is_a_single_newest_revision() -> None:
    assert len(ScriptDirectory(str(shipped_folder("migrations"))).get_heads()) == 1


async def test_what_left_before_the_counters_could_heal_is_counted_too(still_gate: Gate) -> None:
    """Of older attempts nobody knows the recipient's zone: they count in every date there was."""
    gate = still_gate
    await gate.register("r_1")
    first = await gate.released()
    await gate.dispatch()
    assert await gate.outcomes(first) == "a"
    url = gate.services.settings.database
    in_thread(step_down, url, "0003")
    in_thread(upgrade, url)
    flush(gate.counters_url)
    after = await gate.process()
    pushes = [await after.released() for _ in range(2)]
    await after.dispatch()
    assert sorted([await after.outcomes(push_id) for push_id in pushes]) == ["a", "c"]


async def test_an_update_of_nothing_sent_fills_nothing(still_gate: Gate) -> None:
    url = still_gate.services.settings.database
    in_thread(step_down, url, "0003")
    in_thread(upgrade, url)
    assert await current_revision(url) == newest_revision()
