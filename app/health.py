"""Whether this process can do its work: one check for each thing that it depends on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.clock import Clock
from app.db.server_time import server_time
from app.db.session import Database
from app.db.versions import VersionWatch, bump
from app.errors import GatewayError, Words

PATIENCE_SECONDS = 2.0
"""How long a check may take before the thing counts as down."""

_KEPT_SECONDS = 1.0
_PROBE = "readiness_probe"


@dataclass(frozen=True, slots=True)
class Health:
    """What one check found; `figures` are numbers and names for whoever looks after it."""

    ok: bool
    message: Words
    figures: Mapping[str, str | int | float] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check; the process is not ready while a needed thing is down."""

    name: str
    run: Callable[[], Awaitable[Health]]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Readiness:
    """What all checks found."""

    ready: bool
    checks: Mapping[str, tuple[bool, Health]]

    def as_json(self) -> dict[str, Any]:
        """Return it as `/readyz` shows it."""
        return {
            "ready": self.ready,
            "checks": {
                name: {
                    "ok": health.ok,
                    "needed": needed,
                    "message": {"zh": health.message.zh, "en": health.message.en},
                    **(health.figures or {}),
                }
                for name, (needed, health) in self.checks.items()
            },
        }


class Monitor:
    """Runs all checks at once; an answer is kept for a second, so that asking costs nothing."""

    def __init__(self, clock: Clock, checks: tuple[Check, ...]) -> None:
        """Run nothing yet."""
        self._clock = clock
        self._checks = checks
        self._kept: tuple[float, Readiness] | None = None
        self._lock = asyncio.Lock()

    async def readiness(self) -> Readiness:
        """Return what the checks found, at most a second ago."""
        async with self._lock:
            now = self._clock.monotonic()
            if self._kept is not None and now - self._kept[0] < _KEPT_SECONDS:
                return self._kept[1]
            found = await asyncio.gather(*(_run(check) for check in self._checks))
            ready = all(health.ok for check, health in found if check.needed)
            shown = {check.name: (check.needed, health) for check, health in found}
            self._kept = (now, Readiness(ready, shown))
            return self._kept[1]


async def _run(check: Check) -> tuple[Check, Health]:
    try:
        return check, await asyncio.wait_for(check.run(), PATIENCE_SECONDS)
    except TimeoutError:
        words = Words("检查超时", f"No answer within {PATIENCE_SECONDS:g} seconds")
        return check, Health(ok=False, message=words)
    except GatewayError as error:
        return check, Health(ok=False, message=error.detail)
    except Exception as error:  # noqa: BLE001 - a check that breaks is a thing that is down
        name = type(error).__name__
        return check, Health(ok=False, message=Words(f"检查出错：{name}", f"Failed: {name}"))


def database_check(db: Database, clock: Clock) -> Check:
    """Check that the database can be read and written."""

    async def run() -> Health:
        began = clock.monotonic()
        await db.read(server_time)
        read = clock.monotonic()
        await db.write(lambda tx: bump(tx, _PROBE, clock))
        figures: dict[str, str | int | float] = {
            "dialect": db.dialect,
            "read_ms": _ms(read - began),
            "write_ms": _ms(clock.monotonic() - read),
        }
        return Health(ok=True, message=Words("可读写", "Reads and writes"), figures=figures)

    return Check("database", run)


def counters_check(
    server_clock: Callable[[], Awaitable[datetime]], clock: Clock, *, needed: bool = False
) -> Check:
    """Check that the counters answer. Submitting goes on without them, dispatching does not."""

    async def run() -> Health:
        began = clock.monotonic()
        await server_clock()
        figures = {"answer_ms": _ms(clock.monotonic() - began)}
        return Health(ok=True, message=Words("可用", "Available"), figures=figures)

    return Check("counters", run, needed)


def clocks_check(
    db: Database,
    counters: Callable[[], Awaitable[datetime]],
    clock: Clock,
    tolerance: float,
) -> Check:
    """Check that the wall clock agrees with the database's and the counters', in seconds."""

    async def skew(name: str, ask: Callable[[], Awaitable[datetime]]) -> tuple[str, float] | None:
        before = clock.now()
        try:
            theirs = await ask()
        except GatewayError:
            # That it is gone is another check's to say; its clock is not known to be wrong.
            return None
        after = clock.now()
        middle = before + (after - before) / 2
        return f"{name}_skew_seconds", round((theirs - middle).total_seconds(), 3)

    async def run() -> Health:
        asked = await asyncio.gather(
            skew("database", lambda: db.read(server_time)), skew("counters", counters)
        )
        figures: dict[str, str | int | float] = dict(one for one in asked if one is not None)
        worst = max((abs(float(one)) for one in figures.values()), default=0.0)
        if worst > tolerance:
            words = Words(f"时钟偏差 {worst:g} 秒", f"Clocks differ by {worst:g} seconds")
            return Health(ok=False, message=words, figures=figures)
        return Health(ok=True, message=Words("时钟一致", "Clocks agree"), figures=figures)

    return Check("clocks", run)


def versions_check(watch: VersionWatch) -> Check:
    """Check that this process knows which versions are in force, as of the last second."""

    async def run() -> Health:
        if watch.is_stale:
            words = Words("版本信息过期", "The last reading of the versions is too old")
            return Health(ok=False, message=words)
        return Health(ok=True, message=Words("版本信息最新", "The versions are known"))

    return Check("versions", run)


def heartbeat_check(
    name: str, last_good: Callable[[], float | None], clock: Clock, limit: float
) -> Check:
    """Check that a loop did its work within `limit` seconds; monotonic time of its last success."""

    async def run() -> Health:
        last = last_good()
        if last is None:
            return Health(ok=False, message=Words("尚未运行", "Has not run yet"))
        age = round(clock.monotonic() - last, 2)
        if age > limit:
            words = Words(f"已 {age:g} 秒没有进展", f"No progress for {age:g} seconds")
            return Health(ok=False, message=words, figures={"age_seconds": age})
        words = Words("运行正常", "Running")
        return Health(ok=True, message=words, figures={"age_seconds": age})

    return Check(name, run)


def lag_check(
    name: str, oldest: Callable[[], Awaitable[float | None]], clock: Clock, limit: float
) -> Check:
    """Check that nothing waits for longer than `limit` seconds; Unix time of the oldest, if any."""

    async def run() -> Health:
        since = await oldest()
        lag = 0.0 if since is None else round(max(0.0, clock.now().timestamp() - since), 3)
        figures = {"lag_seconds": lag}
        if lag > limit:
            words = Words(f"已落后 {lag:g} 秒", f"Behind by {lag:g} seconds")
            return Health(ok=False, message=words, figures=figures)
        return Health(ok=True, message=Words("无积压", "Nothing waits"), figures=figures)

    return Check(name, run)


def value_check(
    name: str, find: Callable[[], Awaitable[str | None]], missing: Words, *, needed: bool = True
) -> Check:
    """Check that something is in place: `find` returns its version, None where there is none."""

    async def run() -> Health:
        version = await find()
        if version is None:
            return Health(ok=False, message=missing)
        return Health(ok=True, message=Words("已载入", "Loaded"), figures={"version": version})

    return Check(name, run, needed)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
