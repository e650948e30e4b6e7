"""The one frequency store: scripts on a Redis or Valkey server, or on a cluster of them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha1
from importlib import resources
from typing import Any, cast

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    NoScriptError,
    RedisClusterException,
    RedisError,
    ResponseError,
)

from app.clock import Clock
from app.errors import CountersUnavailable, Words
from app.frequency import keys, packing
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.redis_blocks import ANSWER_GRACE, BlockCalls
from app.frequency.store import (
    LARGEST_BATCH,
    BucketClosed,
    Closed,
    Counted,
    Lapsed,
    Reservation,
    ReservationChanged,
    ReserveOutcome,
    Turn,
    Use,
)

CALLS_AT_ONCE = 32

_GRACE = int(GRACE.total_seconds())


def connect(
    url: str, clock: Clock, *, cluster: bool = False, timeout: float = 1.0
) -> "RedisFrequencyStore":
    """Return a store on redis://, rediss:// or unix://; connects at the first call.

    The client never repeats a call by itself; `timeout` is seconds for connecting and for each
    answer.
    """
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
    }
    if cluster:
        # A moved slot is noted by itself; closing all connections for it would fail other calls.
        return RedisFrequencyStore(
            RedisCluster.from_url(url, reinitialize_steps=0, **options), clock
        )
    return RedisFrequencyStore(Redis.from_url(url, **options), clock)


class RedisFrequencyStore(BlockCalls):
    """`app.frequency.blocks.Counters` over the Redis protocol."""

    def __init__(self, client: "Redis | RedisCluster", clock: Clock) -> None:
        """Take over `client`, made without automatic retries."""
        self._client = client
        self._clock = clock
        self._room = asyncio.Semaphore(CALLS_AT_ONCE)
        self._first = asyncio.Lock()
        self._ledger_checked = False

    async def reserve(self, reservation: Reservation, turn: Turn) -> ReserveOutcome:
        """See `FrequencyStore.reserve`."""
        now = self._now()
        deadline = packing.deadline(reservation)
        if deadline <= now:
            return Lapsed()
        names, body = packing.request(reservation)
        digest = blake2b(repr((names, deadline, body)).encode(), digest_size=16).digest()
        remember = deadline - now + int(ANSWER_GRACE.total_seconds())
        mark = keys.reservation_mark(reservation.known_as)
        answer = await self._run_in_turn(
            "reserve", turn, names, [now, _GRACE, mark, digest, deadline, remember, *body]
        )
        return packing.outcome(reservation, answer)

    async def start(
        self, reservation_id: str, recipients: Sequence[str], turn: Turn
    ) -> frozenset[str]:
        """See `FrequencyStore.start`."""
        names = [keys.place(recipient)[1] for recipient in recipients]
        if any(keys.bucket_of(recipient) != turn.bucket for recipient in recipients):
            raise ValueError(f"a recipient who is not in bucket {turn.bucket}")
        mark = keys.reservation_mark(reservation_id)
        answer = await self._run_in_turn("start", turn, names, [self._now(), _GRACE, mark])
        return packing.those(recipients, answer)

    async def restore(self, turn: Turn, counted: Mapping[str, Sequence[Counted]]) -> None:
        """See `FrequencyStore.restore`."""
        await self._restore(turn, (0, 1), {})
        step = 1
        recipients = list(counted)
        for first in range(0, len(recipients), LARGEST_BATCH):
            part = recipients[first : first + LARGEST_BATCH]
            await self._restore(turn, (step, step + 1), {name: counted[name] for name in part})
            step += 1
        await self._restore(turn, (step, 0), {})

    async def commit(self, reservation_id: str, recipients: Sequence[str]) -> frozenset[str]:
        """See `FrequencyStore.commit`."""
        return await self._change("commit", reservation_id, recipients)

    async def give_back(self, reservation_id: str, recipients: Sequence[str]) -> frozenset[str]:
        """See `FrequencyStore.give_back`."""
        return await self._change("give_back", reservation_id, recipients)

    async def use(
        self, recipients: Sequence[str], caps: Sequence[CapWindow]
    ) -> dict[str, tuple[Use, ...]]:
        """See `FrequencyStore.use`."""
        marks = [keys.counter_mark(cap.cap_id, part.window) for cap in caps for part in cap.parts]
        found: dict[str, tuple[Use, ...]] = {}
        for bucket, members in keys.batches(recipients):
            names = [keys.head_key(bucket), *(keys.place(member)[1] for member in members)]
            answer = await self._read(bucket, "use", names, [self._now(), _GRACE, *marks])
            counts = iter(packing.counts(answer, len(members) * len(marks)))
            for member in members:
                found[member] = packing.uses(caps, counts)
        return {recipient: found[recipient] for recipient in recipients}

    async def server_time(self) -> datetime:
        """Return the server's clock; of a cluster, that of the node furthest from ours."""
        with _outages():
            answers = await self._on_every_node("TIME")
        now = self._clock.now()
        readings = [
            datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)
            for seconds, micros in answers
        ]
        return max(readings, key=lambda reading: abs(reading - now))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    async def _change(
        self, script: str, reservation_id: str, recipients: Sequence[str]
    ) -> frozenset[str]:
        mark = keys.reservation_mark(reservation_id)
        changed: set[str] = set()
        for _, members in keys.batches(recipients):
            names = [keys.place(member)[1] for member in members]
            changed |= packing.those(
                members, await self._run(script, names, [self._now(), _GRACE, mark])
            )
        return frozenset(changed)

    async def _restore(
        self, turn: Turn, steps: tuple[int, int], part: Mapping[str, Sequence[Counted]]
    ) -> None:
        """Take one step of restoring; step 0 opens the bucket."""
        names = [keys.place(recipient)[1] for recipient in part]
        records = [packing.counters(counters) for counters in part.values()]
        await self._run_in_turn("restore", turn, names, [self._now(), _GRACE, *steps, *records])

    async def _run_in_turn(
        self, script: str, turn: Turn, names: list[str], args: list[Any]
    ) -> bytes:
        """Run a script that first compares what the bucket carries with the turn."""
        head = [turn.ledger, turn.after, turn.number]
        with _closures(turn.bucket):
            return await self._run(script, [keys.head_key(turn.bucket), *names], [*head, *args])

    async def _read(self, bucket: int, script: str, names: list[str], args: list[Any]) -> bytes:
        """Run a script that refuses counters that were lost or are being restored."""
        with _closures(bucket):
            return await self._run(script, names, args)

    async def _run(self, script: str, names: list[str], args: list[Any]) -> bytes:
        """Run a script; once more if the connection broke, since every script may be repeated.

        A restarted server leaves broken connections in the pool, which only a call finds out.
        """
        with _outages():
            async with self._room:
                try:
                    return await self._once(script, names, args)
                except RedisConnectionError:
                    self._ledger_checked = False
                return await self._once(script, names, args)

    async def _once(self, script: str, names: list[str], args: list[Any]) -> bytes:
        async with self._first:
            if not self._ledger_checked:
                await self._check_ledger()
                self._ledger_checked = True
        text, sha = _SCRIPTS[script]
        try:
            return cast("bytes", await self._client.evalsha(sha, len(names), *names, *args))
        except NoScriptError:
            return cast("bytes", await self._client.eval(text, len(names), *names, *args))
        except AttributeError as error:
            # redis-py's cluster client trips over a connection that another task just closed.
            raise RedisConnectionError(str(error)) from error

    async def _check_ledger(self) -> None:
        """Refuse counters laid out otherwise, and a server that would evict counters."""
        await self._client.set(keys.LEDGER_KEY, keys.LEDGER_MARK, nx=True)
        mark = await self._client.get(keys.LEDGER_KEY)
        if mark != keys.LEDGER_MARK.encode():
            raise CountersUnavailable(
                Words(
                    f"计数器的数据布局不符：应为 {keys.LEDGER_MARK}，实为 {mark!r}",
                    f"the counters are laid out as {mark!r}, not as {keys.LEDGER_MARK}",
                )
            )
        for policy in await self._eviction_policies():
            if policy != "noeviction":
                raise CountersUnavailable(
                    Words(
                        f"计数服务器会淘汰数据（maxmemory-policy {policy}），请改为 noeviction",
                        f"the counter server evicts keys (maxmemory-policy {policy}): "
                        "set it to noeviction",
                    )
                )

    async def _eviction_policies(self) -> list[str]:
        """Return each server's policy; one without a memory limit evicts nothing."""
        found = []
        for node in await self._on_every_node("INFO", "memory"):
            limited = int(node.get("maxmemory", 0)) > 0
            found.append(str(node["maxmemory_policy"]) if limited else "noeviction")
        return found

    async def _on_every_node(self, *command: str) -> list[Any]:
        if isinstance(self._client, RedisCluster):
            answers = await self._client.execute_command(
                *command, target_nodes=RedisCluster.PRIMARIES
            )
            return list(answers.values())
        return [await cast("Any", self._client).execute_command(*command)]


@contextmanager
def _closures(bucket: int) -> Iterator[None]:
    """Turn a script's word that it is not the bucket's turn into `BucketClosed`."""
    try:
        yield
    except CountersUnavailable as error:
        words = str(error.__cause__).split()
        if words[:1] != ["CLOSED"]:
            raise
        raise BucketClosed(bucket, Closed(words[1]), int(words[2])) from error


@contextmanager
def _outages() -> Iterator[None]:
    """Turn every fault of client and server into `CountersUnavailable`, and name its reason."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError) as error:
        if isinstance(error, ResponseError) and str(error).startswith("CHANGED"):
            raise ReservationChanged(str(error)) from error
        raise CountersUnavailable(
            Words(
                f"频次计数暂不可用（{type(error).__name__}：{error}）",
                f"the frequency counters are unavailable ({type(error).__name__}: {error})",
            )
        ) from error


def _load(name: str) -> tuple[str, str]:
    """Return a script behind the code that all share, and its SHA-1, by which servers know it."""
    folder = resources.files("app.frequency") / "lua"
    record = "block" if name.startswith("block_") else "record"
    text = "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in (record, "head", name))
    return text, sha1(text.encode(), usedforsecurity=False).hexdigest()


_NAMES = (
    *("reserve", "start", "commit", "give_back", "use", "restore"),
    *("block_reserve", "block_start", "block_commit"),
    *("block_give_back", "block_use", "block_restore"),
)
_SCRIPTS = {name: _load(name) for name in _NAMES}
