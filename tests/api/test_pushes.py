"""The calls about pushes, through HTTP, on the whole gateway."""

import base64
from io import BytesIO
from uuid import uuid4

import orjson
import pytest
from PIL import Image

from app.providers.register import Scope
from app.pushes.answer_schemas import RulesAnswer
from app.pushes.examples import RULES_EXAMPLE
from tests.fixtures.api import ADMIN, Api


async def test_a_push_is_stored_and_answered_with_its_decision(api: Api) -> None:
    answer = await api.submit(api.push())

    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["state"] in {"in_review", "blocked"}
    assert body["digest"].startswith("sha256:")
    assert body["decision"]["findings"]
    for finding in body["decision"]["findings"]:
        assert finding["message"]["zh"]
        assert finding["message"]["en"]
        assert finding["citation"]["clause"]


async def test_the_same_key_and_body_get_the_same_bytes_and_one_push(api: Api) -> None:
    body = api.push()

    first = await api.submit(body, "key-1")
    second = await api.submit(body, "key-1")

    assert second.status_code == 201
    assert second.content == first.content
    listed = await api.http.get("/v1/pushes", params={"external_id": body["external_id"]})
    assert [push["id"] for push in listed.json()["items"]] == [first.json()["id"]]


async def test_the_same_key_with_another_body_is_a_conflict(api: Api) -> None:
    first = await api.submit(api.push(), "key-1")

    second = await api.submit(api.push(title="另一条"), "key-1")

    assert second.status_code == 409
    assert second.json()["code"] == "idempotency_key_reused"
    assert second.json()["push"] == first.json()["id"]


async def test_a_check_decides_the_same_and_leaves_no_trace(api: Api) -> None:
    body = api.push()

    checked = await api.check(body)
    listed = await api.http.get("/v1/pushes")
    submitted = await api.submit(body)

    assert checked.status_code == 200
    assert listed.json() == {"items": [], "next_cursor": None}
    assert checked.json()["decision"] == submitted.json()["decision"]


async def test_a_push_can_be_followed_and_withdrawn(api: Api) -> None:
    push_id = (await api.submit(api.push())).json()["id"]

    withdrawn = await api.http.post(f"/v1/pushes/{push_id}/withdraw", json={"reason": "价格有误"})
    shown = await api.http.get(f"/v1/pushes/{push_id}")
    timeline = await api.http.get(f"/v1/pushes/{push_id}/timeline")

    assert withdrawn.status_code == 200, withdrawn.text
    assert shown.json()["state"] == "withdrawn"
    assert [change["to"] for change in timeline.json()["items"]][-1] == "withdrawn"
    assert all(change["role"] == "sender" for change in timeline.json()["items"])


async def test_a_list_goes_on_at_its_cursor(api: Api) -> None:
    ids = [(await api.submit(api.push())).json()["id"] for _ in range(3)]

    first = (await api.http.get("/v1/pushes", params={"limit": 2})).json()
    rest = await api.http.get("/v1/pushes", params={"limit": 2, "cursor": first["next_cursor"]})

    assert [push["id"] for push in first["items"]] == ids[:0:-1]
    assert [push["id"] for push in rest.json()["items"]] == ids[:1]
    assert rest.json()["next_cursor"] is None


async def test_a_batch_keeps_order_and_goes_on_past_a_bad_item(api: Api) -> None:
    items = [api.push(), api.push(title=""), api.push(audience={"kind": "everyone"}), api.push()]

    answer = await api.http.post(
        "/v1/pushes/batch", json={"pushes": items}, headers={"Idempotency-Key": "batch-1"}
    )

    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 422, 501, 201]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/title"
    assert results[2]["problem"]["code"] == "not_implemented"
    assert results[0]["push"]["external_id"] == items[0]["external_id"]
    assert results[3]["push"]["external_id"] == items[3]["external_id"]


async def test_a_batch_is_replayed_byte_for_byte(api: Api) -> None:
    body = orjson.dumps({"pushes": [api.push(), {"title": 1}]})
    headers = {"Idempotency-Key": "batch-1", "Content-Type": "application/json"}

    first = await api.http.post("/v1/pushes/batch", content=body, headers=headers)
    second = await api.http.post("/v1/pushes/batch", content=body, headers=headers)

    assert second.content == first.content
    assert len((await api.http.get("/v1/pushes")).json()["items"]) == 1


async def test_a_pushs_image_is_no_ones_to_see_before_release(api: Api) -> None:
    made = BytesIO()
    Image.new("RGB", (4, 4), "red").save(made, "PNG")
    data = base64.b64encode(made.getvalue()).decode()

    answer = await api.submit(api.push(images=[{"data": data, "alt": "红"}]))
    digest = "0" * 64
    missing = await api.http.get(f"/v1/assets/{digest}")

    assert answer.status_code == 201, answer.text
    assert missing.status_code == 404


async def test_the_rules_in_force_are_listed_with_their_clauses(api: Api) -> None:
    answer = await api.http.get("/v1/rules")

    rules = {rule["id"]: rule for rule in answer.json()["items"]}
    assert answer.status_code == 200
    assert rules
    assert all(rule["citation"]["clause"] for rule in rules.values())
    assert all(rule["clause"]["zh"] and rule["clause"]["en"] for rule in rules.values())
    duties = {duty["id"]: duty for duty in answer.json()["duties"]}
    assert duties["popup-03-direction"]["placing"] == "reviewer"
    assert not set(rules) & set(duties)


async def test_the_numbers_that_rules_read_are_listed_with_their_sources(api: Api) -> None:
    answer = (await api.http.get("/v1/rules")).json()

    limits = {limit["name"]: limit for limit in answer["limits"]}
    pack = await api.services.packs.active()
    assert answer["rule_pack"] == pack.version
    assert {name: (one["value"], one["source"]) for name, one in limits.items()} == {
        limit.name: (limit.value, limit.source) for limit in pack.limits
    }
    assert all(one["says"]["zh"] and one["says"]["en"] for one in limits.values())
    assert limits["close_min_side_dp"]["since"] == "2026-11-21"


@pytest.mark.parametrize("shown", ["answer", "example"])
async def test_the_reference_describes_the_rules_as_they_are_answered(api: Api, shown: str) -> None:
    answer = (await api.http.get("/v1/rules")).json()

    RulesAnswer.model_validate(answer if shown == "answer" else RULES_EXAMPLE)
    assert set(RULES_EXAMPLE) == set(answer) == set(RulesAnswer.model_fields)
    assert set(RULES_EXAMPLE["limits"][0]) == set(answer["limits"][0])


async def test_another_providers_push_is_as_if_it_did_not_exist(api: Api) -> None:
    unknown = "psh_" + "0" * 26

    for path in (f"/v1/pushes/{unknown}", f"/v1/pushes/{unknown}/timeline", "/v1/pushes/%00"):
        answer = await api.http.get(path)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


async def test_a_key_can_do_what_its_scopes_say_and_nothing_else(api: Api) -> None:
    reader = await api.new_key(Scope.PUSH_READ)
    headers = {"Authorization": f"Bearer {reader}", "Idempotency-Key": uuid4().hex}

    refused = await api.http.post("/v1/pushes", json=api.push(), headers=headers)
    allowed = await api.http.get("/v1/pushes", headers=headers)

    assert refused.status_code == 403
    assert refused.json()["scope"] == "push:submit"
    assert allowed.status_code == 200


async def test_uploading_an_audience_is_said_to_be_missing(api: Api) -> None:
    answer = await api.http.post("/v1/audiences", content=b"")

    assert answer.status_code == 501
    assert answer.json()["code"] == "not_implemented"


async def test_a_replay_still_answers_once_the_push_has_expired(api: Api) -> None:
    """The expiry is refused today, but what was accepted under the key stays accepted."""
    body = orjson.dumps(api.push())
    headers = {"Idempotency-Key": "late", "Content-Type": "application/json"}
    first = await api.http.post("/v1/pushes", content=body, headers=headers)
    await api.services.surfaces.close(ADMIN, api.surface_id)
    await api.services.watch.refresh()

    second = await api.http.post("/v1/pushes", content=body, headers=headers)

    assert second.status_code == 201
    assert second.content == first.content
