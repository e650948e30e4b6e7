"""What caps in shadow would have stopped stands on the policy's page, by cap and by day."""

import pytest

from app.console.pages import policy_shadows
from app.policy.default import DEFAULT_CAPS
from app.reports.shadows import DAYS, Shadowed
from app.staff.roles import Role
from tests.fixtures.console import Console, text_of

SHADOWS = [cap.id for cap in DEFAULT_CAPS if not cap.binds]


async def test_shadows_that_would_have_stopped_nobody_say_so(console: Console) -> None:
    person = await console.person(Role.AUDITOR)
    page = await person.get("/console/policy")
    assert SHADOWS
    assert "还没有一条会被拦下" in text_of(page.text)
    assert "chart-svg" not in page.text


async def test_shadows_are_plotted_and_told_with_their_words(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = tuple(f"2026-11-{n + 1:02}" for n in range(DAYS))
    by_day = (1_200, *(0,) * (DAYS - 2), 34)

    async def found(*_: object) -> Shadowed:
        return Shadowed(days, dict.fromkeys(SHADOWS, by_day))

    monkeypatch.setattr(policy_shadows, "shadowed", found)
    person = await console.person(Role.AUDITOR)
    page = await person.get("/console/policy")
    assert page.text.count('<svg class="chart-svg"') == 1
    assert f"{SHADOWS[0]} 1,234 2" in text_of(page.text)
    english = text_of((await person.get("/console/policy", lang="en")).text)
    assert "What shadow caps would have stopped" in english
