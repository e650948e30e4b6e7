"""Every route refuses a stranger, but for those that are open to everybody for a stated reason."""

from fastapi import FastAPI

from app.console.router import PAGES
from app.providers.register import Scope
from tests.fixtures.api import Api

# Open, and why. The pages of the console are in tests/console/test_every_page.py.
OPEN = {
    ("GET", "/livez"): "probes have no key",
    ("GET", "/readyz"): "probes have no key",
    ("GET", "/metrics"): "answers this machine and named networks; see tests/api/test_edge.py",
    ("GET", "/.well-known/popgate-keys"): "public keys",
    ("GET", "/v1/assets/{sha256}"): "pictures of released pushes, shown by recipients' clients",
    ("POST", "/v1/recipients"): "a device has no secret before it has registered",
    ("POST", "/v1/complaints"): "complaining needs no sign-in",
    ("GET", "/openapi.json"): "the description of the API",
    ("GET", "/favicon.ico"): "a picture",
    ("GET", "/static/{name:path}"): "style and scripts of the console",
    ("GET", "/c/{release_id}"): "the complaint page, no sign-in",
    ("POST", "/c/{release_id}"): "the complaint page, no sign-in",
    ("GET", "/demo/{surface_id}"): "the recipient's page of the demo",
    ("GET", "/client/popgate-client.js"): "the client that any page may include",
}
EXAMPLE = {
    "push_id": "psh_" + "a" * 26,
    "recipient": "r_1",
    "refusal_id": "ref_" + "a" * 26,
    "sha256": "0" * 64,
}


def leaves(one: object) -> list[object]:
    """Return all routes below a router; those of included routers too."""
    inner = getattr(getattr(one, "original_router", None), "routes", None)
    own = inner if inner is not None else getattr(one, "routes", None)
    return [one] if own is None else [leaf for each in own for leaf in leaves(each)]


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Return method and address of everything that is answered, the console's pages left out."""
    found = {
        (method, str(getattr(route, "path", "")))
        for route in leaves(app)
        for method in getattr(route, "methods", None) or ()
        if method != "HEAD"
    }
    described = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    assert described <= found
    return found - {(page.method, page.path) for page in PAGES}


async def test_whatever_is_not_listed_as_open_refuses_a_stranger(api: Api) -> None:
    closed = routes(api.app) - set(OPEN)
    assert len(closed) > 12
    # These name the recipient in the body, so they can only ask whose secret it is after reading.
    event = {"item": "inb_" + "a" * 26, "event": "shown", "at": "2026-11-22T08:00:00Z"}
    bodies: dict[str, object] = {
        "/v1/inbox/{recipient}/events": {"surface": api.surface_id, "events": [event]},
        "/v1/refusals": {"scope": "all"},
    }
    for credentials in ({}, {"Authorization": "Bearer pk_nobody"}, {"Authorization": "Basic YQ=="}):
        api.http.headers.pop("Authorization", None)
        for method, path in sorted(closed):
            answer = await api.http.request(
                method,
                path.format(**EXAMPLE),
                params={"surface": api.surface_id},
                headers={"Idempotency-Key": "k"} | credentials,
                json=bodies.get(path, {}),
            )
            assert answer.status_code == 401, (method, path, answer.status_code, answer.text)
            assert answer.headers["www-authenticate"], (method, path)


async def test_nothing_is_listed_as_open_that_does_not_exist(api: Api) -> None:
    assert set(OPEN) <= routes(api.app)


async def test_a_sender_reaches_only_what_its_scopes_name(api: Api) -> None:
    needs = {
        ("POST", "/v1/pushes"): Scope.PUSH_SUBMIT,
        ("POST", "/v1/checks"): Scope.PUSH_SUBMIT,
        ("POST", "/v1/pushes/batch"): Scope.PUSH_SUBMIT,
        ("GET", "/v1/pushes"): Scope.PUSH_READ,
        ("GET", "/v1/pushes/{push_id}"): Scope.PUSH_READ,
        ("GET", "/v1/pushes/{push_id}/timeline"): Scope.PUSH_READ,
        ("POST", "/v1/pushes/{push_id}/withdraw"): Scope.PUSH_WITHDRAW,
        ("POST", "/v1/audiences"): Scope.AUDIENCE_WRITE,
        ("GET", "/v1/rules"): Scope.PUSH_READ,
    }
    for method, path in sorted(needs):
        others = [scope for scope in Scope if scope is not needs[method, path]]
        key = await api.new_key(*others)
        answer = await api.http.request(
            method,
            path.format(**EXAMPLE),
            headers={"Idempotency-Key": "k", "Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 403, (method, path, answer.text)
