"""Every call of the API against every kind of caller; a call that the table lacks fails."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from app.ids import new_id
from app.providers.register import Scope
from app.staff.roles import Role
from tests.fixtures.api import ADMIN, Api, transport_of
from tests.fixtures.clock import ManualClock
from tests.fixtures.console import Console
from tests.fixtures.wire import Body

# What lets a caller through: a scope of a sender's key, a device's secret, or nothing at all.
DEVICE = "device"
OPEN = "open"

NEEDS: dict[tuple[str, str], str] = {
    ("POST", "/v1/pushes"): Scope.PUSH_SUBMIT,
    ("POST", "/v1/checks"): Scope.PUSH_SUBMIT,
    ("POST", "/v1/pushes/batch"): Scope.PUSH_SUBMIT,
    ("GET", "/v1/pushes"): Scope.PUSH_READ,
    ("GET", "/v1/pushes/{push_id}"): Scope.PUSH_READ,
    ("GET", "/v1/pushes/{push_id}/timeline"): Scope.PUSH_READ,
    ("POST", "/v1/pushes/{push_id}/withdraw"): Scope.PUSH_WITHDRAW,
    ("POST", "/v1/audiences"): Scope.AUDIENCE_WRITE,
    ("GET", "/v1/rules"): Scope.PUSH_READ,
    ("GET", "/v1/recipients/{recipient}/caps"): Scope.CAPS_READ,
    ("GET", "/v1/vendor-quotas"): Scope.CAPS_READ,
    ("GET", "/v1/inbox/{recipient}"): DEVICE,
    ("GET", "/v1/inbox/{recipient}/stream"): DEVICE,
    ("POST", "/v1/inbox/{recipient}/events"): DEVICE,
    ("POST", "/v1/refusals"): DEVICE,
    ("GET", "/v1/refusals"): DEVICE,
    ("DELETE", "/v1/refusals/{refusal_id}"): DEVICE,
    ("POST", "/v1/recipients"): OPEN,
    ("POST", "/v1/complaints"): OPEN,
    ("GET", "/v1/assets/{sha256}"): OPEN,
    ("GET", "/.well-known/popgate-keys"): OPEN,
    ("GET", "/livez"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): OPEN,
}
SCOPED = {call: need for call, need in NEEDS.items() if need in set(Scope)}


@dataclass
class Callers:
    """A value of the Authorization header for each kind of caller, and one with each scope."""

    odd: dict[str, str]
    scoped: dict[str, str]
    whole: str
    device: str
    token: str
    other_device: str
    push_id: str


async def device(api: Api) -> tuple[str, str]:
    """Register a recipient; return its token and secret."""
    async with httpx.AsyncClient(transport=transport_of(api), base_url="http://g.test") as http:
        answer = await http.post("/v1/recipients", json={"surface": api.surface_id})
    return answer.json()["recipient"], answer.json()["device_secret"]


@pytest.fixture
async def callers(api: Api) -> Callers:
    revoked = await api.new_key(*Scope)
    known = await api.services.register.authenticate(revoked)
    assert known is not None
    await api.services.sender_keys.revoke_sender(ADMIN, known.sender_id)
    await api.services.watch.refresh()
    token, secret = await device(api)
    _, other = await device(api)
    pushed = await api.submit(api.push())
    return Callers(
        odd={
            "nobody": "",
            "no scheme": api.key,
            "basic": f"Basic {api.key}",
            "empty": "Bearer ",
            "unknown key": "Bearer pgk_" + "A" * 43,
            "key and more": f"Bearer {api.key}x",
            "key cut off": f"Bearer {api.key[:-1]}",
            "key in capitals": f"Bearer {api.key.upper()}",
            "two keys": f"Bearer {api.key}, Bearer {api.key}",
            "revoked key": f"Bearer {revoked}",
            "very long": "Bearer " + "A" * 10_000,
        },
        scoped={scope: f"Bearer {await api.new_key(scope)}" for scope in Scope},
        whole=f"Bearer {api.key}",
        device=f"Bearer {secret}",
        token=token,
        other_device=f"Bearer {other}",
        push_id=pushed.json()["id"],
    )


async def call(
    api: Api, http: httpx.AsyncClient, made: Callers, route: tuple[str, str], authorization: str
) -> int:
    """Make a call that would succeed for the right caller; return its status."""
    method, template = route
    path = template.format_map(
        {
            "push_id": made.push_id,
            "recipient": made.token,
            "refusal_id": new_id("ref"),
            "sha256": "0" * 64,
        }
        if "{" in template
        else {}
    )
    headers = {"Idempotency-Key": uuid4().hex}
    if authorization:
        headers["Authorization"] = authorization
    asks = "{recipient}" in template
    query = {"surface": api.surface_id} if method == "GET" and asks else None
    body = bodies(api).get(template) if method == "POST" else None
    async with http.stream(method, path, headers=headers, params=query, json=body) as answer:
        return answer.status_code


def bodies(api: Api) -> dict[str, Body]:
    """Return a good body for each call that takes one."""
    return {
        "/v1/pushes": api.push(),
        "/v1/checks": api.push(),
        "/v1/pushes/batch": {"pushes": [api.push()]},
        "/v1/pushes/{push_id}/withdraw": {"reason": "停"},
        "/v1/audiences": {},
        "/v1/inbox/{recipient}/events": {
            "surface": api.surface_id,
            "events": [{"item": "inb_" + "0" * 26, "event": "shown", "at": "2026-11-22T08:00:00Z"}],
        },
        "/v1/refusals": {"scope": "all"},
        "/v1/recipients": {"surface": api.surface_id},
        "/v1/complaints": {"release_id": new_id("rel"), "reason": "not_closable", "text": "关不掉"},
    }


def test_every_call_of_the_document_stands_in_the_table(api: Api) -> None:
    paths = api.app.openapi()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == set(NEEDS)


async def test_who_has_not_what_a_call_needs_is_a_stranger_to_it(
    api: Api, callers: Callers
) -> None:
    api.http.headers.pop("Authorization")
    wrong = []
    for route, need in NEEDS.items():
        odd = dict(callers.odd)
        if need in set(Scope):
            odd |= {"a device": callers.device}
        elif need == DEVICE:
            odd |= {"a sender": callers.whole}
        else:
            continue
        for who, authorization in odd.items():
            status = await call(api, api.http, callers, route, authorization)
            if status != 401:
                wrong.append((route, who, status))
    assert wrong == []


async def test_a_key_opens_exactly_the_calls_of_its_scope(api: Api, callers: Callers) -> None:
    api.http.headers.pop("Authorization")
    wrong = []
    for route, need in SCOPED.items():
        for scope, authorization in callers.scoped.items():
            status = await call(api, api.http, callers, route, authorization)
            if (status == 403) is (scope == need) or status in {401, 422, 500}:
                wrong.append((route, scope, status))
    assert wrong == []


async def test_a_secret_opens_its_own_recipients_calls_only(api: Api, callers: Callers) -> None:
    api.http.headers.pop("Authorization")
    for route, need in NEEDS.items():
        if need != DEVICE or route[1].endswith("/stream"):
            continue
        own = await call(api, api.http, callers, route, callers.device)
        other = await call(api, api.http, callers, route, callers.other_device)
        assert own in {200, 201, 404}, (route, own)
        if "{recipient}" in route[1]:
            assert other == 401, (route, other)


async def test_what_is_open_asks_nobody_and_a_bad_key_changes_nothing(
    api: Api, callers: Callers
) -> None:
    api.http.headers.pop("Authorization")
    for route, need in NEEDS.items():
        if need == OPEN:
            for authorization in ("", callers.odd["unknown key"]):
                status = await call(api, api.http, callers, route, authorization)
                assert status in {200, 201, 404, 503}, (route, status)


async def test_no_key_of_the_api_and_no_device_opens_the_console(
    console: Console, callers: Callers
) -> None:
    person = console.stranger()
    for authorization in (callers.whole, callers.device):
        for path in ("/console", "/console/staff", "/console/audit", "/console/pushes"):
            answer = await person.http.get(path, headers={"Authorization": authorization})
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/console/sign-in?next=")


async def test_a_session_of_the_console_opens_no_call_of_the_api(
    console: Console, callers: Callers
) -> None:
    admin = await console.person(Role.ADMIN, Role.REVIEWER)
    assert (await admin.get("/console/staff")).status_code == 200
    for route, need in NEEDS.items():
        if need != OPEN:
            assert await call(console.api, admin.http, callers, route, "") == 401, route


async def test_a_session_ends_when_its_person_is_disabled_or_its_time_is_over(
    console_with_clock: tuple[Console, ManualClock],
) -> None:
    console, clock = console_with_clock
    gone = await console.person(Role.ADMIN)
    late = await console.person(Role.REVIEWER)
    await console.person(Role.ADMIN)
    await console.services.staff.disable(ADMIN, gone.staff_id)
    assert (await gone.get("/console/staff")).status_code == 303

    clock.advance(seconds=timedelta(hours=13).total_seconds())
    assert (await late.get("/console")).status_code == 303
    kept = await late.http.post("/console/account/language", data={"language": "en"})
    assert kept.status_code == 401
