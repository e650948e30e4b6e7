"""The demo's pushes are decided as the demo says, by the real gateway over HTTP."""

from collections import Counter
from pathlib import Path

import pytest

from app.demo import cast
from app.demo.enrolling import Enrolled, enrol
from app.demo.folder import DemoFolder
from app.demo.pushes import PUSHES
from app.demo.wire import DemoPush
from app.providers.credit_code import is_credit_code
from tests.fixtures.api import Api

TO = cast.PAGE_RECIPIENTS + cast.DEVICE_RECIPIENTS


@pytest.fixture
async def enrolled(api: Api, tmp_path: Path) -> Enrolled:
    folder = DemoFolder(tmp_path / "demo")
    folder.path.mkdir()
    return await enrol(api.services, folder)


async def decide(api: Api, enrolled: Enrolled, push: DemoPush) -> list[tuple[str, str]]:
    body = push.on_wire(enrolled.surface_id, TO, api.services.clock.now())
    key = {"Authorization": f"Bearer {enrolled.keys[push.sender]}"}
    answer = await api.http.post("/v1/checks", json=body, headers=key)
    assert answer.status_code == 200, answer.text
    findings = answer.json()["decision"]["findings"]
    return [(finding["rule"], finding["verdict"]) for finding in findings]


async def test_every_push_is_blocked_by_what_it_says_and_by_nothing_else(
    api: Api, enrolled: Enrolled
) -> None:
    for push in PUSHES:
        found = await decide(api, enrolled, push)
        blocking = sorted({rule for rule, verdict in found if verdict == "block"})
        assert blocking == sorted(push.blocked_by), push.name


async def test_the_reviewers_get_many_kinds_of_questions(api: Api, enrolled: Enrolled) -> None:
    holds: Counter[str] = Counter()
    for push in PUSHES:
        if not push.blocked_by:
            holds.update({rule for rule, _ in await decide(api, enrolled, push)})
    assert holds["human-review"] == sum(not push.blocked_by for push in PUSHES)
    assert len(holds) >= 8
    assert holds["house-evasion"] >= 2


async def test_enrolling_twice_leaves_everything_as_it_is(api: Api, tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path / "demo")
    folder.path.mkdir()
    first = await enrol(api.services, folder)
    again = await enrol(api.services, folder)
    assert (again.surface_id, again.keys) == (first.surface_id, first.keys)
    assert [one.username for one in again.people] == [one.username for one in first.people]
    assert all(one.password for one in again.people)
    register = await api.services.register.current()
    names = [one.display_name for one in register.providers.values()]
    assert names.count(cast.WINDOW) == names.count(cast.TEA) == 1


async def test_a_lost_key_is_replaced_and_the_old_one_revoked(api: Api, tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path / "demo")
    folder.path.mkdir()
    first = await enrol(api.services, folder)
    for sender in first.keys:
        (folder.path / "senders" / f"{sender.value}.key").unlink()
    again = await enrol(api.services, folder)
    register = await api.services.register.current()
    for sender, key in first.keys.items():
        assert register.caller(key) is None
        assert register.caller(again.keys[sender]) is not None


def test_there_are_about_forty_most_of_them_held_and_each_named_once() -> None:
    assert len(PUSHES) == 40
    assert len({push.name for push in PUSHES}) == 40
    blocked = sum(bool(push.blocked_by) for push in PUSHES)
    assert 8 <= blocked <= 16
    assert {push.body["kind"] for push in PUSHES} == {"news", "advertisement", "general"}
    assert any(push.body.get("urgency") == "emergency" for push in PUSHES)
    assert any(push.body.get("images") for push in PUSHES)


def test_nothing_invented_is_put_into_a_real_units_mouth() -> None:
    quoted = {push.body["source"]["unit"] for push in PUSHES if push.body.get("source")}
    real = [line for line in cast.SOURCE_LIST.splitlines()[1:] if "演示" not in line]
    assert len(real) == 12
    for unit in quoted:
        assert not any(line.startswith(unit + ",") for line in real)


def test_the_cast_has_sound_credit_codes() -> None:
    assert all(is_credit_code(code) for code in cast.CREDIT_CODES)
