"""The OpenAPI document tells the truth: nothing unforeseen is answered, and examples work."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.fixtures.api import Api
from tests.fixtures.wire import in_an_hour

EXAMPLES = 12
_SKIPPED = ("/metrics", "/readyz", "/livez")


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


async def test_every_operation_documents_its_answers_with_problems(api: Api) -> None:
    for method, path, operation in operations(api.app):
        assert operation["summary"], (method, path)
        for status, answer in operation["responses"].items():
            problem = int(status) >= 400 and not path.startswith("/readyz")
            if problem:
                media = answer["content"]["application/problem+json"]
                assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert media["example"]["message"]["zh"]


async def test_the_document_is_openapi_3_1_and_refers_to_nothing_missing(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()

    def references(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    assert document["openapi"].startswith("3.1")
    known = document["components"]["schemas"]
    assert set(references(document)) <= {f"#/components/schemas/{name}" for name in known}


async def test_the_example_of_a_push_is_accepted(api: Api) -> None:
    document = api.app.openapi()
    body = document["paths"]["/v1/checks"]["post"]["requestBody"]["content"]["application/json"]

    answer = await api.check(
        body["example"] | {"surface": api.surface_id, "expires_at": in_an_hour()}
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["decision"]["verdict"] != "block", answer.text


async def test_made_up_requests_meet_no_500_and_no_undocumented_answer(api: Api) -> None:
    schema = schemathesis.openapi.from_dict(api.app.openapi())
    loop = asyncio.get_running_loop()
    met: Counter[str] = Counter()
    checks = [
        schemathesis.checks.status_code_conformance,
        schemathesis.checks.content_type_conformance,
        schemathesis.checks.response_schema_conformance,
    ]

    def attack(operation: APIOperation[Any, Any, Any, Any]) -> None:
        @seed(20261121)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def run(case: schemathesis.Case[Any]) -> None:
            answer = asyncio.run_coroutine_threadsafe(send(case), loop).result(30)
            # 501 is what the wire says of audiences not yet served.
            assert answer.status_code not in {500, 503}, answer.text
            case.validate_response(answer, checks=checks)

        run()

    async def send(case: schemathesis.Case[Any]) -> schemathesis.Response:
        kwargs = case.as_transport_kwargs(base_url="http://gateway.test")
        headers = httpx.Headers(kwargs.pop("headers", {}))
        headers["Authorization"] = f"Bearer {api.key}"
        kwargs.pop("cookies", None)
        response = await api.http.request(headers=headers, **kwargs)
        met[f"{case.method} {response.status_code}"] += 1
        return schemathesis.Response.from_httpx(response, verify=True)

    for result in schema.get_all_operations():
        operation = result.ok() if isinstance(result, Ok) else pytest.fail(str(result.err()))
        if operation.path not in _SKIPPED:
            await asyncio.to_thread(attack, operation)

    assert met["POST 422"] > EXAMPLES
    assert met["GET 200"] > EXAMPLES
