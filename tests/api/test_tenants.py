"""A provider sees and changes its own pushes, and cannot even tell whether others' exist."""

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

import httpx
import pytest
from PIL import Image

from app.ids import new_id
from app.providers.enrolment import NewProvider
from app.providers.keys import NewSender
from app.providers.register import Scope
from app.providers.surfaces import NewSurface
from tests.fixtures.api import ADMIN, Api, transport_of
from tests.fixtures.registers import credit_code, details
from tests.fixtures.wire import Body


@dataclass
class Other:
    """A second provider with a surface and a key of its own."""

    http: httpx.AsyncClient
    surface_id: str


@pytest.fixture
async def other(each_api: Api) -> Other:
    services = each_api.services
    provider = await services.enrolment.add_provider(
        ADMIN, NewProvider("他人科技有限公司", "他人", credit_code(), ("other.example.cn",))
    )
    surface = await services.surfaces.add(
        ADMIN, NewSurface(provider, "app", "inbox", details(name="他人应用"))
    )
    scopes = frozenset(str(scope) for scope in Scope)
    sender = await services.sender_keys.add_sender(
        ADMIN, NewSender(provider, "他人发送方", "赵六", None, scopes)
    )
    issued = await services.sender_keys.issue(ADMIN, sender)
    await services.watch.refresh()
    http = httpx.AsyncClient(
        transport=transport_of(each_api),
        base_url="http://gateway.test",
        headers={"Authorization": f"Bearer {issued.raw}"},
    )
    return Other(http, surface.surface_id)


def without_ids(answer: httpx.Response) -> tuple[int, Body]:
    """Return an answer without what differs between any two."""
    body = answer.json()
    body.pop("request_id", None)
    return answer.status_code, body


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def submitted(api: Api, **changes: object) -> Body:
    answer = await api.submit(api.push(**changes))
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/pushes/{id}", None),
        ("GET", "/v1/pushes/{id}/timeline", None),
        ("POST", "/v1/pushes/{id}/withdraw", {"reason": "停"}),
    ],
)
async def test_anothers_push_looks_like_one_that_never_was(
    each_api: Api, other: Other, method: str, path: str, body: Body | None
) -> None:
    mine = (await submitted(each_api))["id"]

    theirs = await other.http.request(method, path.format(id=mine), json=body)
    never = await other.http.request(method, path.format(id=new_id("psh")), json=body)

    assert theirs.status_code == 404
    assert without_ids(theirs) == without_ids(never)
    assert (await each_api.http.get(f"/v1/pushes/{mine}")).json()["state"] == "in_review"


async def test_replacing_anothers_push_looks_like_replacing_one_that_never_was(
    each_api: Api, other: Other
) -> None:
    mine = (await submitted(each_api))["id"]
    answers = []
    for replaced in (mine, new_id("psh")):
        body = each_api.push(surface=other.surface_id, replaces=replaced)
        answers.append(
            without_ids(await other.http.post("/v1/pushes", json=body, headers=keyed(replaced)))
        )
    assert answers[0] == answers[1]
    assert answers[0][0] == 409
    assert (await each_api.http.get(f"/v1/pushes/{mine}")).json()["state"] == "in_review"


async def test_external_ids_and_idempotency_keys_are_each_providers_own(
    each_api: Api, other: Other
) -> None:
    mine = await submitted(each_api, external_id="shared")
    body = each_api.push(surface=other.surface_id, external_id="shared")
    await each_api.submit(each_api.push(), key="same-key")

    theirs = await other.http.post("/v1/pushes", json=body, headers=keyed("same-key"))

    assert theirs.status_code == 201, theirs.text
    found = await other.http.get("/v1/pushes", params={"external_id": "shared"})
    assert [item["id"] for item in found.json()["items"]] == [theirs.json()["id"]]
    found = await each_api.http.get("/v1/pushes", params={"external_id": "shared"})
    assert [item["id"] for item in found.json()["items"]] == [mine["id"]]


async def test_a_cursor_made_of_anothers_id_leads_to_ones_own_pushes_only(
    each_api: Api, other: Other
) -> None:
    await other.http.post(
        "/v1/pushes", json=each_api.push(surface=other.surface_id), headers=keyed("k")
    )
    mine = (await submitted(each_api))["id"]
    cursor = base64.urlsafe_b64encode(mine.encode()).decode().rstrip("=")

    page = (await other.http.get("/v1/pushes", params={"cursor": cursor})).json()

    assert len(page["items"]) == 1
    assert page["items"][0]["id"] != mine


async def test_a_push_on_anothers_surface_is_blocked_and_tells_nothing_of_it(
    each_api: Api, other: Other
) -> None:
    # A surface's id is public, its devices carry it: that it exists is no secret.
    named = each_api.push()["advertiser"] | {"name": "某服饰有限公司"}
    body = each_api.push(advertiser=named)
    theirs = await other.http.post("/v1/checks", json=body)
    never = await other.http.post("/v1/checks", json=body | {"surface": new_id("srf")})

    decision = theirs.json()["decision"]
    assert decision["verdict"] == "block"
    assert any(found["pointer"] == "/surface" for found in decision["findings"])
    assert never.status_code == 422
    told = json.dumps(decision["findings"], ensure_ascii=False)
    for secret in ("示例应用", "400-000-0000", "示例茶业有限公司", each_api.provider_id):
        assert secret not in told


async def test_a_picture_is_public_only_once_released(each_api: Api, other: Other) -> None:
    made = BytesIO()
    Image.new("RGB", (4, 4), "red").save(made, "PNG")
    picture = {"data": base64.b64encode(made.getvalue()).decode(), "alt": "红"}
    await submitted(each_api, images=[picture])
    digest = sha256(made.getvalue()).hexdigest()
    for http in (each_api.http, other.http):
        held = await http.get(f"/v1/assets/{digest}")
        never = await http.get(f"/v1/assets/{'0' * 64}")
        assert held.status_code == 404
        assert without_ids(held) == without_ids(never)
    for odd in (digest.upper(), digest[:-1], f"{digest}%0a", "..%2f..%2fetc%2fpasswd"):
        assert (await each_api.http.get(f"/v1/assets/{odd}")).status_code == 404


async def test_a_recipients_secret_opens_that_recipients_inbox_only(each_api: Api) -> None:
    http = each_api.http
    del http.headers["Authorization"]
    secrets = {}
    for token in ("r_1", "r_2"):
        body = {"surface": each_api.surface_id, "recipient": token}
        secrets[token] = (await http.post("/v1/recipients", json=body)).json()["device_secret"]
    wrong = {"Authorization": f"Bearer {secrets['r_2']}"}
    own = {"Authorization": f"Bearer {secrets['r_1']}"}
    query = {"surface": each_api.surface_id}

    assert (await http.get("/v1/inbox/r_1", params=query, headers=own)).status_code == 200
    refused = [
        await http.get("/v1/inbox/r_1", params=query, headers=wrong),
        await http.get("/v1/inbox/r_3", params=query, headers=own),
        await http.get("/v1/inbox/r_1", params={"surface": new_id("srf")}, headers=own),
        await http.get("/v1/inbox/r_1/stream", params=query, headers=wrong),
    ]
    assert {answer.status_code for answer in refused} == {401}
    made = await http.post("/v1/refusals", json={"scope": "all"}, headers=own)
    taken = await http.delete(f"/v1/refusals/{made.json()['id']}", headers=wrong)
    never = await http.delete(f"/v1/refusals/{new_id('ref')}", headers=wrong)
    assert without_ids(taken) == without_ids(never)
    assert taken.status_code == 404
