"""Rulings judged again: by somebody who does not know them, and what leads learn of it."""

import re

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from app.db.session import Tx
from app.domain.pairs import PairClasses
from app.review.haste import STREAK
from app.review.models import rechecks
from app.staff.roles import Role
from tests.fixtures.clock import ManualClock
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.desk import claim, rule, submit

Timed = tuple[Console, ManualClock]


async def recheck_share(console: Console, percent: int) -> None:
    pairs = console.services.rulings.pairs
    draft = await pairs.propose("stf_a", PairClasses(recheck_percent=percent), "抽查")
    await pairs.approve(draft.id, "stf_b")


async def ruled(timed: Timed, person: Person, verdict: str, seconds: float, reason: str) -> None:
    """Claim a new push and rule on it that many seconds later."""
    console, clock = timed
    waiting = await submit(console)
    page = await claim(person, waiting)
    clock.advance(seconds=seconds)
    answer = await rule(person, waiting, page, verdict, reason=reason)
    assert answer.status_code == 303, text_of(answer.text)


async def next_one(person: Person) -> httpx.Response:
    await person.post("/console/rechecks/next")
    return await person.follow()


async def judged(person: Person, page: httpx.Response, verdict: str) -> httpx.Response:
    [where] = set(re.findall(r'action="(/console/rechecks/rck_\w+)"', page.text))
    answer = await person.post(where, verdict=verdict, reason="标题夸大")
    assert answer.status_code == 303, text_of(answer.text)
    return await person.follow()


async def test_chance_takes_a_share_and_the_second_person_judges_blind(
    console_with_clock: Timed,
) -> None:
    console, _ = console_with_clock
    first, second = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    lead = await console.person(Role.LEAD)
    await ruled(console_with_clock, first, "approve", 60, "没有抽查")
    assert "没有待复审的裁定" in (await second.get("/console/rechecks")).text
    await recheck_share(console, 100)
    await ruled(console_with_clock, first, "approve", 60, "原先的理由")

    assert "没有待复审的裁定" in (await first.get("/console/rechecks")).text
    assert "有 1 件裁定" in (await second.get("/console/rechecks")).text
    page = await next_one(second)
    main = text_of(page.text[page.text.index("<main") :])
    for told in ("原先的理由", "已通过", "已清除", "人员0"):
        assert told not in main
    [where] = set(re.findall(r"/console/rechecks/rck_\w+", page.text))
    assert (await first.get(where)).status_code == 403
    assert (await second.post(where, verdict="approve", reason=" ")).status_code == 422
    assert (await second.post(where, verdict="maybe", reason="x")).status_code == 422

    learnt = text_of((await judged(second, page, "refuse")).text)
    assert "与原裁定不一致" in learnt
    assert "原先的理由" in learnt
    assert (await second.post(where, verdict="approve", reason="改口")).status_code == 409
    assert (await lead.get(where)).status_code == 409
    quality = text_of((await lead.get("/console/quality")).text)
    assert "抽查" in quality
    assert "标题夸大" in quality
    assert (await first.get("/console/quality")).status_code == 403


async def test_what_came_too_fast_or_alike_is_taken_without_chance(
    console_with_clock: Timed,
) -> None:
    console, _ = console_with_clock
    first, second = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    lead = await console.person(Role.LEAD)
    await ruled(console_with_clock, first, "refuse", 0.5, "没有读")
    for _ in range(STREAK):
        await ruled(console_with_clock, first, "refuse", 5, "同样的话")
    known = await console.services.review.rechecks.quality(7)
    assert sorted((cause, number) for _, cause, number in known.marked) == [
        ("fast", 1),
        ("streak", 1),
    ]
    await judged(second, await next_one(second), "refuse")
    agreed = await lead.get("/console/quality?days=7")
    assert "没有结论不同的复审" in agreed.text
    # It was chosen because it looked bad: how well people agree does not count it.
    assert (await console.services.review.rechecks.quality(7)).sampled == []


async def test_an_undone_ruling_is_not_judged_and_nobody_judges_their_own(
    console_with_clock: Timed,
) -> None:
    console, _ = console_with_clock
    person, other = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    await ruled(console_with_clock, person, "approve", 0, "太快")
    waits = await console.services.review.rechecks.quality(7)
    assert waits.waiting == 1

    def own(tx: Tx) -> None:
        mine = rechecks.c.reviewer
        tx.execute(
            update(rechecks).values(
                by_person=mine, verdict="approve", reason="x", done_at=rechecks.c.opened_at
            )
        )

    with pytest.raises(DBAPIError):
        await console.services.db.write(own)
    [ruling] = (await console.services.views.dossier(await _only_push(console))).rulings
    await person.post(f"/console/rulings/{ruling.ruling.id}/undo")
    assert "没有待复审的裁定" in (await other.get("/console/rechecks")).text


async def _only_push(console: Console) -> str:
    page = await console.services.views.find(console.api.provider_id, None, 1, None)
    return page.pushes[0].push.id
