"""`GET /v1/recipients/{recipient}/caps`: who may ask about which surface, and what is answered."""

from app.providers.register import Scope
from tests.fixtures.api import Api


async def test_a_sender_is_told_every_cap_in_words_of_both_languages(api: Api) -> None:
    answer = await api.http.get("/v1/recipients/r_1/caps", params={"surface": api.surface_id})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["recipient"], body["surface"]) == ("r_1", api.surface_id)
    assert body["policy"].startswith("1@")
    first = body["caps"][0]
    assert first["window"] == {"unit": "day", "zone": None}
    assert (first["used"], first["full"], first["resets_at"], first["pushes"]) == (
        0,
        False,
        None,
        [],
    )
    assert "每位接收用户每个自然日（按其所在时区）最多收到 5 条弹窗" in first["says"]["zh"]
    assert "a recipient gets at most 5 popups each calendar day" in first["says"]["en"].lower()


async def test_a_surface_of_others_does_not_exist_for_a_sender(api: Api) -> None:
    for surface in ("srf_nowhere", "x"):
        answer = await api.http.get("/v1/recipients/r_1/caps", params={"surface": surface})
        assert answer.status_code == 404
    assert (await api.http.get("/v1/recipients/r_1/caps")).status_code == 422
    long = await api.http.get(f"/v1/recipients/{'r' * 65}/caps", params={"surface": api.surface_id})
    assert long.status_code == 422


async def test_the_call_needs_its_own_scope(api: Api) -> None:
    key = await api.new_key(Scope.PUSH_READ)
    answer = await api.http.get(
        "/v1/recipients/r_1/caps",
        params={"surface": api.surface_id},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
