"""Structured logs: one JSON object a line on standard output, and nothing secret in it."""

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor

# A key that contains one of these never has its value written.
_SECRET: Final = ("password", "secret", "authorization", "cookie", "token", "api_key", "raw_key")
_HIDDEN: Final = "[hidden]"
_MOST_FRAMES: Final = 12


class _RequestLog:
    """Where the lines of answered requests go; nowhere until logging is configured."""

    out: TextIO | None = None


_requests: Final = _RequestLog()


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records to `stream` as JSON lines.

    `level` is debug, info, warning or error. Meant to be called once, when a process starts.
    """
    out = sys.stdout if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    _requests.out = out if threshold <= logging.INFO else None
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
        hide_secrets,
        structlog.processors.JSONRenderer(serializer=_json_text),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=max(threshold, logging.INFO), handlers=[handler], force=True)
    # It would write whole addresses, and a receiver's may hold a secret.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def log_request(at: datetime, **fields: str | float | None) -> None:
    """Write the line of an answered request, as `info("request", ...)` of a logger would.

    `at` is in UTC. Without the processors, which take ten times as long: the caller gives nothing
    secret.
    """
    if _requests.out is not None:
        stamp = at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
        line = {**fields, "event": "request", "level": "info", "timestamp": stamp}
        _requests.out.write(f"{_json_text(line)}\n")
        _requests.out.flush()


def hide_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace the value of every key that sounds like a secret, at any depth."""
    return _without_secrets(event)


class JsonFormatter(logging.Formatter):
    """Writes records of libraries in the form of our own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; an exception is named with its frames, without its text."""
        event: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
        }
        if record.exc_info and record.exc_info[1] is not None:
            event["exception"] = described(record.exc_info[1])
        return _json_text(event)


def described(error: BaseException) -> dict[str, Any]:
    """Return an exception's type, causes and innermost frames.

    Its text is left out but for an operating system's error: other texts may hold what a
    sender or a member of staff typed.
    """
    shown: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": list(_frames(error))[-_MOST_FRAMES:],
    }
    if isinstance(error, OSError) and error.strerror:
        shown["reason"] = error.strerror
    if error.__cause__ is not None:
        shown["cause"] = described(error.__cause__)
    return shown


def _frames(error: BaseException) -> Iterator[str]:
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{trace.tb_frame.f_globals.get('__name__', '?')}.{code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next


def _describe_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = described(error)
    return event


def _without_secrets(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if any(word in key.lower() for word in _SECRET):
            event[key] = _HIDDEN
        elif isinstance(value, Mapping):
            event[key] = _without_secrets(dict(value))
    return event


def _json_text(event: object, **_options: object) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
