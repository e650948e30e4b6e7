"""A recipient's device: registers itself and takes what waits in its inbox, each popup once."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import httpx

from app.client.problem import ProblemError

_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Device:
    """A registered recipient with its device secret."""

    surface_id: str
    recipient: str
    secret: str = field(repr=False)


class DeviceClient:
    """Calls the gateway for devices; each call carries that device's own secret and nothing else.

    It does not verify signatures: what shows popups to people is the web client, which does.
    Nothing is tried again, for an inbox hands every popup out once. Problems are ProblemError.
    """

    def __init__(self, base_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport` replaces the network in tests."""
        self._http = httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT, transport=transport)

    async def __aenter__(self) -> Self:
        """Use as a context manager, so that connections are closed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def register(self, surface_id: str, recipient: str, minor: str = "no") -> Device:
        """Register a device under a token of its own; ProblemError 409 if it is taken."""
        body = {"surface": surface_id, "recipient": recipient, "minor": minor}
        made = _value(await self._http.post("/v1/recipients", json=body))
        return Device(surface_id, made["recipient"], made["device_secret"])

    async def fetch(self, device: Device) -> list[Mapping[str, Any]]:
        """Return what each popup says that waits now, in order; they wait no more after this."""
        headers = {"Authorization": f"Bearer {device.secret}"}
        query = {"surface": device.surface_id, "limit": str(_AT_ONCE)}
        path = f"/v1/inbox/{device.recipient}"
        found: list[Mapping[str, Any]] = []
        while True:
            items = _value(await self._http.get(path, params=query, headers=headers))["items"]
            found += [json.loads(base64.b64decode(one["envelope"]["payload"])) for one in items]
            if len(items) < _AT_ONCE:
                return found


def _value(answer: httpx.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        value = None
    if answer.is_success and isinstance(value, dict):
        return value
    raise ProblemError.from_body(answer.status_code, value)
