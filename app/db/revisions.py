"""Runs the migrations, wherever they are installed, and says which one a database is at."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, make_url

from app.db.session import Database
from app.errors import CannotJudge, Words
from app.shipped import shipped_folder


class NotMigrated(CannotJudge):
    """The database lacks the tables of this version."""

    code = "not_migrated"
    title = Words("数据库结构不是最新", "The database is not up to date")


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest revision; call it where no event loop runs.

    Safe to call from several processes at once: they take turns.
    """
    make_folder(url)
    command.upgrade(configuration(url), "head")


def step_down(url: str, revision: str) -> None:
    """Take the database at `url` back to an older revision; `base` empties it."""
    command.downgrade(configuration(url), revision)


def configuration(url: str) -> Config:
    """Return Alembic's configuration for the database at `url`, in a checkout or a wheel."""
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(shipped_folder("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def newest_revision() -> str | None:
    """Return the revision that this code wants; None while there is no migration at all."""
    return ScriptDirectory(str(shipped_folder("migrations"))).get_current_head()


async def current_revision(url: str) -> str | None:
    """Return the revision that the database is at; None for an empty one."""
    make_folder(url)
    database = Database(url)
    try:
        return await database.read(revision)
    finally:
        await database.close()


async def require_newest(url: str) -> None:
    """Raise NotMigrated, which says what to run, unless the database is up to date."""
    current, newest = await current_revision(url), newest_revision()
    if current != newest:
        raise NotMigrated(
            Words(
                f"数据库结构为 {current}，应为 {newest}：请先运行 popgate migrate",
                f"The database is at {current}, this version wants {newest}: run popgate migrate",
            )
        )


def is_made(url: str | URL) -> bool:
    """Tell whether there is a database to ask; a SQLite file may not have been made yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return True
    return Path(parsed.database).exists()


def make_folder(url: str | URL) -> None:
    """Make the folder of a SQLite file, which SQLite does not do."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)


def revision(connection: Connection) -> str | None:
    """Return the revision that the database of this connection is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()
