"""The canonical push: the bytes that a digest, a ruling and an envelope are bound to."""

import dataclasses
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.canonical import canonical_bytes
from app.domain.envelope import instant_text
from app.domain.push import PushRequest


def canonical_push(provider_id: str, request: PushRequest) -> bytes:
    """Return RFC 8785 bytes over the validated push and its provider.

    Images and audience stand as their SHA-256, instants as RFC 3339 in UTC; no floats.
    """
    return canonical_bytes({"provider": provider_id, "push": _json(request)})


def _json(value: Any) -> Any:  # noqa: ANN401 - any part of a push
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return {field.name: _json(getattr(value, field.name)) for field in dataclasses.fields(value)}
