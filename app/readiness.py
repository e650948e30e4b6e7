"""What a process depends on to do its work, as `/readyz` asks for it."""

from typing import Final

from app.audit.repository import unsealed
from app.bootstrap import Services
from app.db.revisions import newest_revision, revision
from app.errors import Words
from app.frequency.repository import closed_buckets
from app.health import (
    Check,
    Health,
    Monitor,
    clocks_check,
    counters_check,
    database_check,
    heartbeat_check,
    lag_check,
    value_check,
    versions_check,
)
from app.ids import issued_at

SEAL_PATIENCE: Final = 5.0
"""Seconds; the ledger promises one, and a sealer that was started again needs a moment."""
MOST_UNSEALED: Final = 10_000


def readiness_monitor(services: Services, *, counters_needed: bool = False) -> Monitor:
    """Return the monitor of everything that this process depends on.

    A process that answers senders goes on without the counters; one that only dispatches cannot.
    A source list is not needed: without one news waits, and all other pushes go their way. The
    loops are those that `running.running` has started in this very process.
    """
    db, clock, settings = services.db, services.clock, services.settings
    counters_time = services.counters.server_time
    checks = (
        database_check(db, clock),
        revision_check(services),
        counters_check(counters_time, clock, needed=counters_needed),
        clocks_check(db, counters_time, clock, settings.clock_tolerance_seconds),
        versions_check(services.watch),
        *_value_checks(services),
        _ledger_check(services),
        _buckets_check(services, needed=counters_needed),
        *(
            heartbeat_check(name, beat.last_good, clock, beat.limit)
            for name, beat in services.loops.beats.items()
        ),
    )
    return Monitor(clock, checks)


def revision_check(services: Services) -> Check:
    """Check that the database has the tables of this version."""
    newest = newest_revision()

    async def run() -> Health:
        current = await services.db.read(revision)
        if current != newest:
            words = Words(
                f"数据库结构为 {current}，应为 {newest}：请运行 popgate migrate",
                f"The database is at {current}, this version wants {newest}: run popgate migrate",
            )
            return Health(ok=False, message=words)
        return Health(ok=True, message=Words("数据库结构最新", "The database is up to date"))

    return Check("revision", run)


def _value_checks(services: Services) -> tuple[Check, ...]:
    async def word_lists() -> str | None:
        return (await services.packs.active()).screener.word_list_digest

    async def pack() -> str | None:
        return (await services.packs.active()).version

    async def policy() -> str | None:
        active = await services.policies.active()
        return None if active is None else active.version

    async def sources() -> str | None:
        listed = (await services.packs.active()).sources
        return None if listed is None else listed.edition

    return (
        value_check("word_lists", word_lists, Words("词库未载入", "No word lists are loaded")),
        value_check("rule_pack", pack, Words("规则包未生效", "No rule pack is active")),
        value_check("policy", policy, Words("管理策略未发布", "No policy is published")),
        value_check(
            "source_list",
            sources,
            Words("稿源单位名单未发布，新闻推送将等待", "No source list: news pushes wait"),
            needed=False,
        ),
    )


def _ledger_check(services: Services) -> Check:
    async def oldest_unsealed() -> float | None:
        waiting = await services.db.read(lambda tx: unsealed(tx, 1, newest=MOST_UNSEALED))
        return issued_at(waiting[0][0]) if waiting else None

    return lag_check("ledger", oldest_unsealed, services.clock, SEAL_PATIENCE)


def _buckets_check(services: Services, *, needed: bool) -> Check:
    """Check that no bucket of the counters waits for being counted again."""

    async def run() -> Health:
        number, since = await services.db.read(closed_buckets)
        if since is None:
            words = Words("计数分桶均已开放", "All buckets of the counters are open")
            return Health(ok=True, message=words, figures={"closed": 0})
        words = Words(
            f"{number} 个计数分桶正在重建，相关推送等待",
            f"{number} buckets of the counters are being rebuilt, their pushes wait",
        )
        age = round(max(0.0, (services.clock.now() - since).total_seconds()), 3)
        return Health(ok=False, message=words, figures={"closed": number, "age_seconds": age})

    return Check("counter_buckets", run, needed)
