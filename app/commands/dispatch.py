"""`popgate dispatch`: releases, delivers and reports to senders, in any number of processes."""

import argparse
import asyncio

from app.bootstrap import Part
from app.commands.preflight import record_start, require_ready
from app.commands.serving import NotStarted, counters, dispatch, is_single_process, run_loop
from app.errors import Words
from app.logs import configure_logging
from app.settings import Settings


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - it takes none
    """Dispatch until Ctrl-C or SIGTERM."""
    settings = Settings()
    if is_single_process(settings):
        raise NotStarted(
            Words(
                "多进程下发需要 GATEWAY_DATABASE_URL=postgresql://… 和 GATEWAY_REDIS_URL；"
                "未设置时由 popgate serve 一个进程完成全部工作",
                "A dispatcher of its own needs GATEWAY_DATABASE_URL=postgresql://… and "
                "GATEWAY_REDIS_URL; without them popgate serve does everything in one process",
            )
        )
    parts = frozenset({Part.DISPATCH})
    asyncio.run(require_ready(settings, parts))
    asyncio.run(record_start(settings, parts))
    configure_logging(settings.log_level)
    with counters(settings) as where:
        return run_loop(dispatch(settings, where))
