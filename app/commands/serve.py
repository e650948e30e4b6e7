"""`popgate serve`: the API and the console; alone on one machine it does everything else too."""

import argparse
import asyncio

from app.bootstrap import Part
from app.commands.preflight import record_start, require_ready
from app.commands.serving import EVERYTHING, counters, is_single_process, listen, run_loop, serve
from app.db.revisions import upgrade
from app.logs import configure_logging
from app.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; 1 if it could not start."""
    settings = overridden(Settings(), args.host, args.port)
    parts = EVERYTHING if is_single_process(settings) else frozenset({Part.SERVE, Part.SEAL})
    if args.migrate:
        upgrade(settings.database)
    asyncio.run(require_ready(settings, parts))
    listener = listen(settings.host, settings.port)
    configure_logging(settings.log_level)
    with counters(settings) as where:
        asyncio.run(record_start(settings, parts))
        return run_loop(serve(settings, parts, where, listener))


def overridden(settings: Settings, host: str | None, port: int | None) -> Settings:
    """Return the settings with what the command line says instead; it is checked as well."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return Settings.model_validate(settings.model_dump() | given)
