"""The typed client against the whole gateway, and against a network that loses answers."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.client.client import PopgateClient
from app.client.problem import ProblemError
from app.domain.decision import Verdict
from app.domain.state import PushState
from tests.fixtures.api import Api, transport_of


@pytest.fixture
async def client(api: Api) -> AsyncIterator[PopgateClient]:
    async with PopgateClient("http://gateway.test", api.key, transport=transport_of(api)) as made:
        yield made


async def test_a_push_goes_in_is_followed_found_and_withdrawn(
    api: Api, client: PopgateClient
) -> None:
    body = api.push()

    decision = await client.check(body)
    pushed = await client.submit(body)
    page = await client.find(body["external_id"])
    gone = await client.withdraw(pushed.id, "价格有误")
    changes = await client.timeline(pushed.id)

    assert decision.verdict is Verdict.HOLD
    assert pushed.state is PushState.IN_REVIEW
    assert pushed.deadline is not None
    assert [one.id for one in page.items] == [pushed.id]
    assert gone.state is PushState.WITHDRAWN
    assert [change.to for change in changes] == [PushState.IN_REVIEW, PushState.WITHDRAWN]
    assert all(change.versions["rule_set"].startswith("sha256:") for change in changes)
    assert (await client.get(pushed.id)).state is PushState.WITHDRAWN
    assert await client.rules()


async def test_a_problem_is_raised_with_its_fields(api: Api, client: PopgateClient) -> None:
    with pytest.raises(ProblemError) as caught:
        await client.submit(api.push(title=""))

    assert (caught.value.status, caught.value.code) == (422, "invalid")
    assert [field.pointer for field in caught.value.fields] == ["/title"]
    assert caught.value.fields[0].zh == "至少 1 个字符"


async def test_a_batch_tells_each_item_apart(api: Api, client: PopgateClient) -> None:
    good, bad = await client.submit_batch([api.push(), api.push(kind="spam")])

    assert not isinstance(good, ProblemError)
    assert isinstance(bad, ProblemError)
    assert bad.fields[0].pointer == "/kind"


class LosesAnswers(httpx.AsyncBaseTransport):
    """Hands requests on and loses the first answers."""

    def __init__(self, inner: httpx.AsyncBaseTransport, lost: int) -> None:
        self._inner = inner
        self._lost = lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if self._lost:
            self._lost -= 1
            await answer.aclose()
            raise httpx.ReadError("the answer was lost")
        return answer


async def test_a_lost_answer_never_makes_a_second_push(api: Api) -> None:
    transport = LosesAnswers(transport_of(api), lost=2)
    body = api.push()

    async with PopgateClient("http://gateway.test", api.key, transport=transport) as client:
        pushed = await client.submit(body)
        page = await client.find(body["external_id"])

    assert [one.id for one in page.items] == [pushed.id]


async def test_a_gateway_that_stays_away_is_an_error() -> None:
    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    transport = httpx.MockTransport(away)
    async with PopgateClient("http://x", "k", attempts=2, transport=transport) as client:
        with pytest.raises(httpx.ConnectError):
            await client.rules()


async def test_a_proxys_page_is_a_problem_too() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(403, text="<html>"))
    async with PopgateClient("http://x", "k", transport=transport) as client:
        with pytest.raises(ProblemError) as caught:
            await client.rules()

    assert caught.value.code == "http_403"
