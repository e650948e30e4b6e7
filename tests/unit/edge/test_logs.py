"""Logs are JSON lines, and what is secret never stands in them."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from app.logs import configure_logging, described, log_request

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    out = io.StringIO()
    before = logging.getLogger().handlers[:]
    level = logging.getLogger().level
    configure_logging("info", out)
    yield out
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


def test_an_event_is_one_json_line(lines: io.StringIO) -> None:
    structlog.get_logger("x").info("request", route="/v1/pushes", status=201)

    event = json.loads(lines.getvalue())
    assert event["event"] == "request"
    assert event["level"] == "info"
    assert event["status"] == 201
    assert event["timestamp"].endswith("Z")


@pytest.mark.parametrize("key", ["password", "api_key", "Authorization", "device_secret", "cookie"])
def test_what_sounds_secret_is_hidden_at_any_depth(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("x").info("e", **{key: "hunter2", "more": {key: "hunter2"}})

    assert "hunter2" not in lines.getvalue()
    assert "[hidden]" in lines.getvalue()


def test_an_exception_is_named_without_its_text(lines: io.StringIO) -> None:
    try:
        int("hunter2")
    except ValueError as error:
        structlog.get_logger("x").exception("failed", exc_info=error)
        logging.getLogger("uvicorn.error").exception("also failed")

    assert "hunter2" not in lines.getvalue()
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert first["exception"]["type"] == second["exception"]["type"] == "builtins.ValueError"
    assert first["exception"]["frames"]


def test_the_reason_of_an_operating_system_error_is_kept() -> None:
    assert described(OSError(28, "No space left on device"))["reason"] == "No space left on device"


def test_below_the_level_nothing_is_written(lines: io.StringIO) -> None:
    structlog.get_logger("x").debug("e")

    assert lines.getvalue() == ""


def test_the_line_of_a_request_has_the_form_of_the_others(lines: io.StringIO) -> None:
    log_request(AT, method="POST", route="/v1/pushes", status=201, ms=1.5, sender=None)
    structlog.get_logger("x").info("request", method="POST")

    direct, usual = map(json.loads, lines.getvalue().splitlines())
    assert direct.pop("timestamp")[10] == usual.pop("timestamp")[10] == "T"
    assert usual == {"event": "request", "level": "info", "method": "POST"}
    assert direct == usual | {"route": "/v1/pushes", "status": 201, "ms": 1.5, "sender": None}


def test_no_request_is_logged_above_its_level() -> None:
    out = io.StringIO()
    configure_logging("warning", out)
    log_request(AT, method="POST", route="/v1/pushes", status=201)
    assert not out.getvalue()
    structlog.reset_defaults()
