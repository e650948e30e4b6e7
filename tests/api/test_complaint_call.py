"""The call to complain: no sign-in, no key."""

import pytest

from tests.fixtures.api import Api
from tests.fixtures.clock import ManualClock
from tests.fixtures.registers import build_registers

UNKNOWN_RELEASE = "rel_" + "0" * 26


@pytest.fixture
async def release_id(api: Api, clock: ManualClock) -> str:
    api.http.headers.pop("Authorization")
    return await build_registers(api.services.db, clock).release()


async def test_anybody_complains_and_gets_a_number(api: Api, release_id: str) -> None:
    body = {"release_id": release_id, "reason": "not_closable", "text": "点了两次才关掉。"}
    answer = await api.http.post(
        "/v1/complaints", json=body, headers={"Accept-Language": "en-GB,zh;q=0.5"}
    )
    assert answer.status_code == 201
    filed = await api.services.complaints.by_number(answer.json()["number"])
    assert filed is not None
    assert (filed.release_id, filed.text, filed.language) == (release_id, body["text"], "en")


async def test_the_text_may_be_left_out_unless_the_reason_is_other(
    api: Api, release_id: str
) -> None:
    for reason, status in (("too_frequent", 201), ("other", 422)):
        body = {"release_id": release_id, "reason": reason}
        answer = await api.http.post("/v1/complaints", json=body)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"release_id": UNKNOWN_RELEASE}, 404, None),
        ({"release_id": "rel_1"}, 422, "/release_id"),
        ({"reason": "boring"}, 422, "/reason"),
        ({"text": "长" * 1001}, 422, "/text"),
        ({"text": "a\x00b"}, 422, "/text"),
        ({"phone": "13812345678"}, 422, "/phone"),
    ],
)
async def test_a_complaint_that_cannot_be_taken_is_answered_with_the_reason(
    api: Api, release_id: str, changes: dict[str, str], status: int, pointer: str | None
) -> None:
    body = {"release_id": release_id, "reason": "misleading", "text": "标题不实"} | changes
    answer = await api.http.post("/v1/complaints", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    found = [error["pointer"] for error in answer.json().get("errors", [])]
    assert found == ([] if pointer is None else [pointer])
