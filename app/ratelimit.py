"""How many requests a caller may make: a token bucket per key, in this process."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from app.clock import Clock

_MOST_KEYS = 100_000
_IPV6_HOST_BITS = 64


@dataclass(frozen=True, slots=True)
class RateState:
    """Whether a request may go on, and the response fields that say where the caller stands.

    `fields` are RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10) as
    raw header pairs; `retry_after` is in seconds, 0 where the request may go on.
    """

    allowed: bool
    retry_after: int
    fields: tuple[tuple[bytes, bytes], ...]


def address_key(host: str | None) -> str:
    """Return who is counted together: an IPv4 address, or the /64 network of an IPv6 one."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _IPV6_HOST_BITS << _IPV6_HOST_BITS)}/64"


class _Bucket:
    __slots__ = ("filled_at", "tokens")

    def __init__(self, tokens: float, filled_at: float) -> None:
        self.tokens = tokens
        self.filled_at = filled_at


class RateLimiter:
    """Token buckets of `quota` requests that fill up again within `window` seconds.

    Used from one event loop. Every process counts for itself, so that n of them admit up to
    n times the quota. The least recently used of 100,000 keys is forgotten, and is then full.
    """

    def __init__(self, clock: Clock, name: str, quota: int, window: int = 60) -> None:
        """`name` is the policy's name in the fields; letters, digits and hyphens."""
        self._clock = clock
        self._quota = quota
        self._per_second = quota / window
        self._name = name
        self._policy = (b"ratelimit-policy", f'"{name}";q={quota};w={window}'.encode())
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> RateState:
        """Take one request from the quota of `key`, if there is one left."""
        bucket = self._filled(key)
        allowed = bucket.tokens >= 1.0
        if allowed:
            bucket.tokens -= 1.0
        lacking = 0.0 if allowed else 1.0 - bucket.tokens
        full_in = math.ceil((self._quota - bucket.tokens) / self._per_second)
        state = f'"{self._name}";r={int(bucket.tokens)};t={full_in}'.encode()
        return RateState(
            allowed,
            math.ceil(lacking / self._per_second),
            (self._policy, (b"ratelimit", state)),
        )

    def _filled(self, key: str) -> _Bucket:
        now = self._clock.monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(float(self._quota), now)
            if len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(key)
        grown = bucket.tokens + (now - bucket.filled_at) * self._per_second
        bucket.tokens = min(float(self._quota), grown)
        bucket.filled_at = now
        return bucket
