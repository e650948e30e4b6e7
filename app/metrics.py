"""Prometheus metrics of this process; every label takes few values, and children are kept."""

from functools import cache
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

REGISTRY: Final = CollectorRegistry()
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# When a series began is of no use here and doubles what has to be rendered.
disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_requests = Counter(
    "popgate_http_requests",
    "Answers by route template",
    ("method", "route", "status"),
    registry=REGISTRY,
)
_durations = Histogram(
    "popgate_http_request_seconds",
    "Time to answer",
    ("route",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
_decisions = Counter(
    "popgate_decisions", "Decisions by stage and verdict", ("stage", "verdict"), registry=REGISTRY
)
_findings = Counter(
    "popgate_findings", "Findings by rule and verdict", ("rule", "verdict"), registry=REGISTRY
)
_transitions = Counter(
    "popgate_push_transitions",
    "Changes of state by the state reached",
    ("state",),
    registry=REGISTRY,
)
_attempts = Counter(
    "popgate_delivery_attempts",
    "Ended attempts by channel and result",
    ("channel", "result"),
    registry=REGISTRY,
)
_groups = Histogram(
    "popgate_group_commit_size",
    "Writes that shared one commit",
    buckets=(1, 2, 4, 8, 16, 32, 64),
    registry=REGISTRY,
)
_pack_loads = Histogram(
    "popgate_pack_load_seconds",
    "Time to load and compile a rule pack before it decides",
    buckets=(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
    registry=REGISTRY,
)
_pack_switches = Histogram(
    "popgate_pack_switch_seconds",
    "From the activation of a rule pack to the last decision here on the one before",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5),
    registry=REGISTRY,
)
_deaths = Counter(
    "popgate_loop_deaths", "Background loops that ended by a fault", ("loop",), registry=REGISTRY
)
_rebuilds = Counter(
    "popgate_counter_rebuilds",
    "Buckets of the frequency counters that were counted again, by what was wrong with them",
    ("reason",),
    registry=REGISTRY,
)
_gauges = Gauge(
    "popgate_level",
    "How much of something there is now, and how late it is",
    ("what",),
    registry=REGISTRY,
)

# `labels()` costs three times as much as the increment: it is asked once for each child.
_answered = cache(_requests.labels)
_duration = cache(_durations.labels)
_decision = cache(_decisions.labels)
_finding = cache(_findings.labels)
_transition = cache(_transitions.labels)
_attempt = cache(_attempts.labels)
_death = cache(_deaths.labels)
_rebuild = cache(_rebuilds.labels)
_gauge = cache(_gauges.labels)


def request_answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; `route` is the template, never the path that was asked for."""
    _answered(method, route, status).inc()
    _duration(route).observe(seconds)


def decided(stage: str, verdict: str) -> None:
    """Count a decision; `stage` is check, submit or release."""
    _decision(stage, verdict).inc()


def found(rule: str, verdict: str) -> None:
    """Count a finding of a rule."""
    _finding(rule, verdict).inc()


def state_reached(state: str) -> None:
    """Count a push that changed to `state`."""
    _transition(state).inc()


def attempt_ended(channel: str, result: str) -> None:
    """Count an attempt of a channel, or of the outcome webhook, by its result."""
    _attempt(channel, result).inc()


def committed_together(size: int) -> None:
    """Note how many writes shared a commit."""
    _groups.observe(size)


def pack_loaded(seconds: float) -> None:
    """Note how long it took to have a rule pack ready."""
    _pack_loads.observe(seconds)


def pack_switched(seconds: float) -> None:
    """Note how long after an activation this process last decided on the pack before."""
    _pack_switches.observe(seconds)


def loop_died(loop: str) -> None:
    """Count a background loop that ended by a fault and is started again."""
    _death(loop).inc()


def bucket_rebuilt(reason: str) -> None:
    """Count a bucket of counters that was counted again; `new` is its first use."""
    _rebuild(reason).inc()


def level(what: str, value: float) -> None:
    """Set a level, such as `sealer_lag_seconds`; `what` is from a closed set of the caller."""
    _gauge(what).set(value)


def exposition() -> bytes:
    """Return all metrics in the text format; takes some milliseconds."""
    return generate_latest(REGISTRY)
