"""A proof asks a gateway again that can do nothing now, and no other one."""

import pytest

from app.client.problem import ProblemError
from app.proof import driving


async def test_a_gateway_that_is_not_available_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driving, "_ASKS_AGAIN_AFTER", 0.0)
    answers = [ProblemError(503, {}), driving._UnavailableError(), "done"]  # noqa: SLF001

    async def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    assert await driving._patiently(ask) == "done"  # noqa: SLF001
    assert not answers


@pytest.mark.parametrize(("status", "patience"), [(409, 300.0), (503, -1.0)])
async def test_a_refusal_is_none_and_patience_ends(
    status: int, patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving, "_ASKS_FOR", patience)

    async def ask() -> str:
        raise ProblemError(status, {})

    with pytest.raises(ProblemError):
        await driving._patiently(ask)  # noqa: SLF001
