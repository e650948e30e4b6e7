"""What surrounds every answer: limits, headers, other origins, metrics, and the last resort."""

import httpx
import pytest
from pydantic import SecretStr

from app import metrics
from app.health import Monitor
from app.loops import Beat
from app.readiness import readiness_monitor
from tests.fixtures.api import Api, ApiStarter, with_state


async def test_the_answer_says_where_the_sender_stands(api: Api) -> None:
    answer = await api.http.get("/v1/pushes")

    assert answer.headers["ratelimit-policy"] == '"sender";q=6000;w=60'
    assert answer.headers["ratelimit"] == '"sender";r=5999;t=1'


async def test_over_its_rate_a_sender_is_told_when_to_come_back(api_starter: ApiStarter) -> None:
    async for api in api_starter.start(rate_per_minute=2):
        answers = [await api.http.get("/v1/rules") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["retry-after"] == "30"
        assert answers[2].headers["ratelimit"].startswith('"sender";r=0;')
        assert answers[2].json()["code"] == "too_many_requests"


@pytest.mark.parametrize("path", ["/livez", "/v1/pushes", "/nowhere"])
async def test_every_answer_carries_the_security_headers(api: Api, path: str) -> None:
    headers = (await api.http.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert len(headers["x-request-id"]) == 24
    assert "strict-transport-security" not in headers


async def test_behind_tls_browsers_are_told_to_stay_there(api_starter: ApiStarter) -> None:
    async for api in api_starter.start(behind_tls_proxy=True):
        assert "strict-transport-security" in (await api.http.get("/livez")).headers


async def test_other_origins_may_call_the_recipients_side_only(api: Api) -> None:
    asked = {"Origin": "https://shop.example.cn", "Access-Control-Request-Method": "POST"}

    opened = await api.http.options("/v1/complaints", headers=asked)
    closed = await api.http.options("/v1/pushes", headers=asked)
    keys = await api.http.get("/.well-known/popgate-keys", headers=asked)

    assert opened.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in opened.headers
    assert "access-control-allow-origin" not in closed.headers
    assert keys.headers["access-control-allow-origin"] == "*"


async def test_an_unknown_address_and_method_are_problems(api: Api) -> None:
    nowhere = await api.http.get("/nowhere")
    wrong = await api.http.put("/v1/pushes")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, POST"


async def test_what_nobody_foresaw_is_a_500_without_details(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    api.state["views"] = None
    del api.state["services"]

    answer = await api.http.get("/v1/pushes", headers={"Accept-Language": "en"})

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    assert api.key not in capsys.readouterr().out


async def test_readiness_names_each_dependency(api: Api) -> None:
    answer = await api.http.get("/readyz")

    checks = answer.json()["checks"]
    assert answer.status_code == 200, answer.text
    assert {"database", "counters", "clocks", "versions", "word_lists", "policy", "ledger"} <= set(
        checks
    )
    assert all(check["ok"] for name, check in checks.items() if check["needed"]), checks


async def test_without_the_database_it_is_not_ready_but_alive(api: Api) -> None:
    await api.services.db.close()
    monitor = api.state["monitor"]
    assert isinstance(monitor, Monitor)

    ready = await api.http.get("/readyz")

    assert ready.status_code == 503
    assert ready.json()["checks"]["database"]["ok"] is False
    assert (await api.http.get("/livez")).status_code == 200


async def test_a_loop_that_stands_still_makes_the_process_unready(api: Api) -> None:
    checks = (await api.http.get("/readyz")).json()["checks"]
    assert checks["sealer"]["ok"]
    assert checks["revision"]["ok"]
    # It runs no dispatcher, so it says nothing of one.
    assert "dispatcher" not in checks

    since = api.services.clock.monotonic() - 60
    api.services.loops.beats["sealer"] = Beat(lambda: since, 15.0)
    api.state["monitor"] = readiness_monitor(api.services)
    answer = await api.http.get("/readyz")

    assert answer.status_code == 503, answer.text
    assert not answer.json()["checks"]["sealer"]["ok"]


async def test_what_is_counted_shows_what_happened(api: Api) -> None:
    def of(text: str, series: str) -> float:
        found = [line for line in text.splitlines() if line.startswith(series + " ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    before = (await api.http.get("/metrics")).text
    assert (await api.submit(api.push())).status_code == 201
    assert (await api.check(api.push())).status_code == 200
    after = (await api.http.get("/metrics")).text

    for series in (
        'popgate_decisions_total{stage="submit",verdict="hold"}',
        'popgate_decisions_total{stage="check",verdict="hold"}',
        'popgate_push_transitions_total{state="in_review"}',
    ):
        assert of(after, series) - of(before, series) == 1, series
    held = 'popgate_findings_total{rule="human-review",verdict="hold"}'
    assert of(after, held) - of(before, held) == 2
    assert of(after, "popgate_group_commit_size_count") > of(
        before, "popgate_group_commit_size_count"
    )
    assert of(after, 'popgate_level{what="review_waiting"}') == 1
    assert of(after, 'popgate_level{what="pushes_in_review"}') == 1
    for level in ("sealer_lag", "outbox_oldest", "review_oldest", "clock_skew"):
        assert f'popgate_level{{what="{level}_seconds"}}' in after


async def test_the_same_key_again_is_not_another_decision(api: Api) -> None:
    body, series = api.push(), {"stage": "submit", "verdict": "hold"}

    def decided() -> float:
        return metrics.REGISTRY.get_sample_value("popgate_decisions_total", series) or 0.0

    first = await api.submit(body, "same")
    before = decided()
    assert (await api.submit(body, "same")).content == first.content
    assert decided() == before


@pytest.mark.parametrize(
    ("client", "headers", "networks", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("::1", {}, "", 200),
        ("::ffff:127.0.0.1", {}, "", 200),
        ("172.30.0.9", {}, "", 403),
        ("172.30.0.9", {}, "10.0.0.0/8, 172.30.0.0/24", 200),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, "", 403),
        ("172.30.0.9", {"Forwarded": "for=127.0.0.1"}, "172.30.0.0/24", 403),
        ("not an address", {}, "", 403),
    ],
)
async def test_metrics_are_for_this_machine_and_named_networks(
    api_starter: ApiStarter, client: str, headers: dict[str, str], networks: str, status: int
) -> None:
    async for api in api_starter.start(metrics_networks=networks):
        way_in = httpx.ASGITransport(with_state(api.app, api.state), client=(client, 40_000))
        async with httpx.AsyncClient(transport=way_in, base_url="http://gateway.test") as http:
            answer = await http.get("/metrics", headers=headers)

        assert answer.status_code == status
        assert ("popgate_level" in answer.text) == (status == 200)


async def test_with_a_token_metrics_ask_everybody_for_it(api_starter: ApiStarter) -> None:
    token = "scrape-scrape-scrape"
    async for api in api_starter.start(metrics_token=SecretStr(token)):
        bare = await api.http.get("/metrics")
        given = await api.http.get("/metrics", headers={"Authorization": f"Bearer {token}"})

        assert (bare.status_code, given.status_code) == (401, 200)
        assert bare.headers["www-authenticate"]


async def test_metrics_count_by_template_never_by_path(api: Api) -> None:
    await api.http.get("/v1/pushes/psh_secretsecret")

    shown = (await api.http.get("/metrics")).text

    assert 'route="/v1/pushes/{push_id}"' in shown
    assert "secretsecret" not in shown
