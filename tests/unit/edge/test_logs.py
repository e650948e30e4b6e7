"""Logs are JSON lines, and what is secret never stands in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.logs import configure_logging, described


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
