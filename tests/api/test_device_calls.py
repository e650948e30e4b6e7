"""The calls without a sender's key: recipients and refusals."""

import httpx
import pytest

from app.bootstrap import DEVICE_RATE
from tests.fixtures.api import Api, ApiStarter

UNKNOWN_SURFACE = "srf_" + "0" * 26


def as_device(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def device(api: Api) -> httpx.AsyncClient:
    """A client without the sender's key."""
    api.http.headers.pop("Authorization")
    return api.http


async def register(device: httpx.AsyncClient, api: Api, **more: object) -> dict[str, str]:
    answer = await device.post("/v1/recipients", json={"surface": api.surface_id, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def test_a_device_registers_and_gets_its_secret_once(
    device: httpx.AsyncClient, api: Api
) -> None:
    made = await register(device, api, recipient="r_1", time_zone="Asia/Urumqi")
    assert made["recipient"] == "r_1"
    assert made["minor"] == "unknown"
    body = {"surface": api.surface_id, "recipient": "r_1", "minor": "yes"}
    again = await device.post("/v1/recipients", json=body, headers=as_device(made["device_secret"]))
    assert again.status_code == 200
    assert again.json() == made | {"device_secret": None, "minor": "yes"}
    stranger = await device.post("/v1/recipients", json=body)
    assert (stranger.status_code, stranger.json()["code"]) == (409, "recipient_taken")


async def test_without_a_token_the_device_is_given_one(device: httpx.AsyncClient, api: Api) -> None:
    tokens = {(await register(device, api))["recipient"] for _ in range(3)}
    assert len(tokens) == 3
    assert all(token.startswith("r_") for token in tokens)


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"recipient": "r/1"}, "/recipient", "bad_recipient"),
        ({"recipient": "13812345678"}, "/recipient", "personal_data"),
        ({"recipient": 7}, "/recipient", "wrong_type"),
        ({"time_zone": "Asia/Atlantis"}, "/time_zone", "unknown_time_zone"),
        ({"minor": "perhaps"}, "/minor", "not_one_of"),
        ({"surface": "demo"}, "/surface", "bad_surface"),
        ({"phone": "13812345678"}, "/phone", "unknown_field"),
    ],
)
async def test_a_bad_field_is_named_in_both_languages(
    device: httpx.AsyncClient, api: Api, more: dict[str, object], pointer: str, code: str
) -> None:
    answer = await device.post("/v1/recipients", json={"surface": api.surface_id} | more)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert (problem["pointer"], problem["code"]) == (pointer, code)
    assert problem["message"]["zh"]
    assert problem["message"]["en"]


async def test_an_unknown_surface_is_not_found(device: httpx.AsyncClient) -> None:
    answer = await device.post("/v1/recipients", json={"surface": UNKNOWN_SURFACE})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_refusals_are_made_listed_and_taken_back_with_the_secret_alone(
    device: httpx.AsyncClient, api: Api
) -> None:
    headers = as_device((await register(device, api))["device_secret"])
    body = {"scope": "kind", "kind": "advertisement"}
    made = await device.post("/v1/refusals", json=body, headers=headers)
    assert made.status_code == 201
    again = await device.post("/v1/refusals", json=body, headers=headers)
    assert (again.status_code, again.json()) == (200, made.json())
    listed = await device.get("/v1/refusals", headers=headers)
    assert listed.json() == {"items": [made.json()], "next_cursor": None}
    address = f"/v1/refusals/{made.json()['id']}"
    for _ in range(2):
        assert (await device.delete(address, headers=headers)).status_code == 204
    assert (await device.get("/v1/refusals", headers=headers)).json()["items"] == []


async def test_a_stranger_refuses_nothing_and_sees_nothing(
    device: httpx.AsyncClient, api: Api
) -> None:
    owner = as_device((await register(device, api, recipient="r_1"))["device_secret"])
    other = as_device((await register(device, api, recipient="r_2"))["device_secret"])
    made = await device.post("/v1/refusals", json={"scope": "all"}, headers=owner)
    address = f"/v1/refusals/{made.json()['id']}"
    claim = {"scope": "all", "surface": api.surface_id, "recipient": "r_1"}
    assert (await device.post("/v1/refusals", json=claim, headers=other)).status_code == 403
    assert (await device.delete(address, headers=other)).status_code == 404
    assert (await device.get("/v1/refusals", headers=other)).json()["items"] == []
    for headers in ({}, as_device("pgd_wrong"), as_device(api.key)):
        for answer in (
            await device.post("/v1/refusals", json={"scope": "all"}, headers=headers),
            await device.get("/v1/refusals", headers=headers),
            await device.delete(address, headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert len((await device.get("/v1/refusals", headers=owner)).json()["items"]) == 1


async def test_scope_and_kind_have_to_go_together(device: httpx.AsyncClient, api: Api) -> None:
    headers = as_device((await register(device, api))["device_secret"])
    for body in ({"scope": "kind"}, {"scope": "all", "kind": "news"}):
        answer = await device.post("/v1/refusals", json=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/kind"


async def test_an_address_without_a_key_has_its_rate(api_starter: ApiStarter) -> None:
    async for api in api_starter.start(public_rate_per_minute=2):
        body = {"surface": api.surface_id}
        answers = [await api.http.post("/v1/recipients", json=body) for _ in range(3)]
        # The sender's key is no device secret, but a new token needs none.
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert int(answers[2].headers["retry-after"]) >= 1
        assert "ratelimit" in answers[0].headers


async def test_a_recipient_may_call_often_but_not_without_end(api: Api) -> None:
    made = (await api.http.post("/v1/recipients", json={"surface": api.surface_id})).json()
    path = f"/v1/inbox/{made['recipient']}?surface={api.surface_id}"
    headers = {"Authorization": f"Bearer {made['device_secret']}"}

    # The quota fills up again while a slow machine asks, so the number of calls is not exact.
    allowed = 0
    while (answer := await api.http.get(path, headers=headers)).status_code == 200:
        allowed += 1
        assert allowed < 20 * DEVICE_RATE

    assert answer.status_code == 429
    assert allowed >= DEVICE_RATE
