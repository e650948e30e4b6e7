"""Whatever is asked of the gateway, no password, key, secret or token of it stands in the log."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.logs import configure_logging
from app.providers.register import Scope
from app.staff.roles import Role
from tests.fixtures.api import Api
from tests.fixtures.console import PASSWORD, Console


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process writes, down to the finest level."""
    out = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging("debug", out)
    yield out
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


async def staff_signs_in(console: Console) -> set[str]:
    """Sign in, wrongly too; return passwords, the session's cookies and a form's token."""
    admin, wrong = await console.person(Role.ADMIN), console.stranger()
    mistyped = "wrong-wind-over-water"
    await wrong.post("/console/sign-in", username=admin.username, password=mistyped)
    cookies = {value for value in admin.http.cookies.values() if len(value) > 8}
    assert cookies
    return {PASSWORD, mistyped, await admin.token(), *cookies}


async def senders_submit(api: Api) -> set[str]:
    """Issue a key and submit under good and bad keys; return keys and what the push says."""
    key, forged, title = (
        await api.new_key(Scope.PUSH_READ),
        "pk_forged-forged",
        "只有收件人看到的话",
    )
    assert (await api.submit(api.push(title=title))).status_code == 201
    rubbish = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    broken = await api.http.post("/v1/pushes", content=title.encode(), headers=rubbish)
    assert broken.status_code == 400
    for given, status in ((key, 200), (forged, 401)):
        answer = await api.http.get("/v1/pushes", headers={"Authorization": f"Bearer {given}"})
        assert answer.status_code == status
    return {api.key, key, forged, title}


async def a_device_registers(api: Api) -> set[str]:
    """Register, read the inbox and refuse; return the device's secret and the token."""
    token = "r_quiet_recipient"
    who = {"surface": api.surface_id, "recipient": token}
    made = await api.http.post("/v1/recipients", json=who)
    secret = str(made.json()["device_secret"])
    mine = {"Authorization": f"Bearer {secret}"}
    query = {"surface": api.surface_id}
    inbox = await api.http.get(f"/v1/inbox/{token}", params=query, headers=mine)
    assert inbox.status_code == 200, inbox.text
    refused = await api.http.post("/v1/refusals", json={"scope": "all"}, headers=mine)
    assert refused.status_code == 201, refused.text
    return {secret, token}


async def everything_breaks(console: Console) -> None:
    """Take the database away, then the services themselves."""
    await console.services.db.close()
    assert (await console.api.submit(console.api.push())).status_code in {500, 503}
    del console.api.state["services"]
    assert (await console.api.http.get("/v1/pushes")).status_code == 500


async def test_no_secret_of_a_days_work_is_logged(log: io.StringIO, console: Console) -> None:
    secrets = await staff_signs_in(console)
    secrets |= await senders_submit(console.api)
    secrets |= await a_device_registers(console.api)
    await everything_breaks(console)

    written = log.getvalue()
    events = [json.loads(line) for line in written.splitlines()]
    answered = [event for event in events if event["event"] == "request"]
    assert len(answered) > 10
    assert all(len(event["request_id"]) == 24 for event in answered)
    assert any(event["event"] == "unexpected_error" for event in events)
    assert [secret for secret in secrets if secret in written] == []
