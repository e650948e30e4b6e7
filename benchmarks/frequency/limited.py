"""The `limits` library, which counts the same six caps one recipient and one cap at a time."""

import itertools
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMonth
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from benchmarks.frequency.loads import names
from benchmarks.frequency.servers import Servers

CAPS: tuple[tuple[RateLimitItem, str], ...] = (
    (RateLimitItemPerDay(1000), "day"),
    (RateLimitItemPerDay(2000, 7), "week"),
    (RateLimitItemPerMonth(5000), "month"),
    (RateLimitItemPerDay(900), "provider"),
    (RateLimitItemPerDay(800), "topic"),
    (RateLimitItemPerDay(700), "kind"),
)


def measure_limits(at: Servers, recipients: int) -> float:
    """Return the recipients per second that it counts on the same servers.

    Its cheapest strategy, and only `hit`: whether all six have room before any is counted, which
    the ledger answers too, would take six calls more.
    """
    at.flush()
    limiter = FixedWindowRateLimiter(storage_from_string(at.limits_url))
    # Connections and scripts are made at the first use.
    for item, cap in CAPS:
        limiter.hit(item, cap, "warm")
    before = time.perf_counter()
    for recipient in itertools.islice(names(recipients), recipients):
        for item, cap in CAPS:
            if not limiter.hit(item, cap, recipient):
                raise RuntimeError("the benchmark's recipients should all have room")
    return recipients / (time.perf_counter() - before)
