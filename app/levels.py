"""How much waits and for how long, measured when the metrics are asked for."""

import contextlib
from datetime import datetime
from typing import Final

from app import metrics
from app.audit.repository import unsealed
from app.bootstrap import Services
from app.db.session import Tx
from app.delivery.dispatch_repository import outbox_backlog
from app.errors import DatabaseUnavailable
from app.frequency.repository import closed_buckets
from app.health import Monitor
from app.ids import issued_at
from app.review.repository import review_backlog
from app.webhooks.repository import outcome_backlog

_RECENT: Final = 10_000
"""How many of the newest ledger entries are looked through for one without a leaf."""


async def measure(services: Services, monitor: Monitor) -> None:
    """Set all levels; those of the database keep their last value while it is away."""
    now = services.clock.now()
    with contextlib.suppress(DatabaseUnavailable):
        await services.db.read(lambda tx: _measure(tx, now))
        for state, number in (await services.views.counts()).items():
            metrics.level(f"pushes_{state}", number)
        health = await services.review.health.now()
        metrics.level("review_overdue", health.over)
        metrics.level("review_expiring_unruled", health.lost)
    await _measure_clocks(monitor)


def _measure(tx: Tx, now: datetime) -> None:
    waiting = unsealed(tx, 1, newest=_RECENT)
    since = issued_at(waiting[0][0]) if waiting else now.timestamp()
    metrics.level("sealer_lag_seconds", max(0.0, now.timestamp() - since))
    outbox = outbox_backlog(tx)
    metrics.level("outbox_waiting", outbox.number)
    metrics.level("outbox_oldest_seconds", outbox.age(now))
    metrics.level("counter_buckets_closed", closed_buckets(tx)[0])
    review = review_backlog(tx)
    metrics.level("review_waiting", review.number)
    metrics.level("review_oldest_seconds", review.age(now))
    outcomes = outcome_backlog(tx)
    metrics.level("outcomes_waiting", outcomes.number)
    metrics.level("outcomes_oldest_seconds", outcomes.age(now))


async def _measure_clocks(monitor: Monitor) -> None:
    found = await monitor.readiness()
    metrics.level("ready", found.ready)
    clocks = found.checks.get("clocks")
    if clocks is not None and clocks[1].figures:
        worst = max(abs(float(figure)) for figure in clocks[1].figures.values())
        metrics.level("clock_skew_seconds", worst)
