"""Two persons at the desk: neither sees the other, a lead decides, and admins say when."""

import re

import httpx
import pytest

from app.domain.pairs import PairClasses
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.desk import Waiting, claim, hidden, rule, submit

URGENT = {"urgency": "emergency"}


async def emergencies_need_two(console: Console) -> None:
    pairs = console.services.rulings.pairs
    draft = await pairs.propose("stf_a", PairClasses(emergency=True), "重大影响")
    await pairs.approve(draft.id, "stf_b")


async def given(person: Person, waiting: Waiting, verdict: str, reason: str) -> httpx.Response:
    """Claim, rule and follow to the page that comes after."""
    page = await claim(person, waiting)
    answer = await rule(person, waiting, page, verdict, reason=reason)
    assert answer.status_code == 303, text_of(answer.text)
    return await person.follow()


def said_on(page: httpx.Response) -> str:
    """Return what a page says, times and the menu's count left out, which the clock changes."""
    bare = re.sub(r'<b class="side-count">\d+</b>', "", page.text)
    return re.sub(r"\d\d:\d\d(:\d\d)?|\d+ (秒|分钟)", "", text_of(bare))


async def test_the_second_reviewer_sees_what_the_first_saw(console: Console) -> None:
    await emergencies_need_two(console)
    first, second = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    waiting = await submit(console, **URGENT)
    await second.get("/console")  # takes the notice of the sign-in away
    before = await second.get(waiting.page)
    queue_before = await second.get("/console/queue")
    after = await given(first, waiting, "approve", "内容属实，第一人")
    assert "裁定已保存" in text_of(after.text)
    assert "第一人" in after.text
    assert waiting.page not in (await first.get("/console/queue")).text

    for page in (waiting.page, waiting.push_page):
        told = (await second.get(page)).text
        assert "第一人" not in told
        assert "裁定已保存" not in told
    assert said_on(await second.get(waiting.page)) == said_on(before)
    assert "双人" in queue_before.text
    assert said_on(await second.get("/console/queue")) == said_on(queue_before)

    done = await given(second, waiting, "approve", "内容属实，第二人")
    assert "已通过" in text_of(done.text)
    for person in (first, second):
        record = (await person.get(waiting.push_page)).text
        timeline = record[record.index('class="timeline"') :]
        assert "第一人" in timeline
        assert "第二人" in timeline


async def test_a_lead_decides_between_two_and_the_ledger_keeps_quiet_till_then(
    console: Console,
) -> None:
    await emergencies_need_two(console)
    people = [await console.person(Role.REVIEWER) for _ in range(3)]
    lead = await console.person(Role.LEAD)
    auditor = await console.person(Role.AUDITOR)
    waiting = await submit(console, **URGENT)
    await given(people[0], waiting, "approve", "可以放行")
    await _is_kept_from(lead, auditor, waiting)
    assert "可以放行" in (await auditor.get(waiting.page)).text

    await given(people[1], waiting, "refuse", "涉嫌夸大")
    assert "由审核组长终裁" in text_of((await people[2].get(waiting.page)).text)
    assert waiting.page not in (await people[0].get("/console/queue")).text
    assert "待终裁" in (await lead.get("/console/queue")).text
    await lead.post("/console/queue/next")
    page = await lead.follow()
    assert "可以放行" in page.text
    assert "涉嫌夸大" in page.text
    answer = await rule(lead, waiting, page, "refuse", reason="同意驳回")
    assert answer.status_code == 303
    told = await console.services.views.get(console.api.provider_id, waiting.push_id)
    assert told.ruling is not None
    assert (told.state, told.ruling.reason) == ("refused", "同意驳回")
    record = text_of((await people[0].get(waiting.push_page)).text)
    assert re.search("未被采纳.*终裁|终裁.*未被采纳", record)


async def _is_kept_from(lead: Person, auditor: Person, waiting: Waiting) -> None:
    """See that the ledger tells an auditor of a sealed ruling, and nobody who may rule."""
    ledger = f"/console/audit?subject={waiting.push_id}"
    [entry] = re.findall(r"/console/audit/entries/\w+", _row(await auditor.get(ledger), "双人裁定"))
    assert "双人裁定" not in _table(await lead.get(ledger))
    assert (await lead.get(entry)).status_code == 404
    assert (await auditor.get(entry)).status_code == 200


def _table(page: httpx.Response) -> str:
    return page.text[page.text.index("<tbody") : page.text.index("</tbody")]


def _row(page: httpx.Response, words: str) -> str:
    return next(row for row in _table(page).split("<tr") if words in row)


async def test_the_same_form_twice_is_one_ruling_and_it_can_be_taken_back(console: Console) -> None:
    await emergencies_need_two(console)
    person = await console.person(Role.REVIEWER)
    waiting = await submit(console, **URGENT)
    page = await claim(person, waiting)
    for _ in range(2):
        answer = await rule(person, waiting, page, "approve")
        assert answer.headers["location"] == waiting.page
    kept = await person.get(waiting.page)
    [undo] = re.findall(r"/console/rulings/\w+/undo", kept.text)
    await person.post(undo, ticket=waiting.ticket_id)
    assert hidden(await person.follow(), "fencing")


@pytest.mark.parametrize(("language", "waits"), [("zh", "待另一位管理员批准"), ("en", "waits")])
async def test_admins_set_the_classes_two_of_them(
    console: Console, language: str, waits: str
) -> None:
    one = await console.person(Role.ADMIN, language=language)
    other = await console.person(Role.ADMIN)
    await _faults_are_told(one)
    fields = {"always": ["emergency", "minors"], "audience_over": "5000", "most_refused": "3"}
    rules = ["popup-05-09-contact"]
    await one.post("/console/policy/pairs/new", **fields, rules=rules, reason="重大影响")
    shown = await one.follow()
    assert waits in shown.text
    [approve] = re.findall(
        r"/console/policy/pairs/\w+/approve", (await other.get("/console/policy/pairs")).text
    )
    assert approve not in shown.text
    assert (await one.post(approve)).status_code == 403
    await other.post(approve)
    active = await one.get("/console/policy/pairs/new")
    assert 'value="5000"' in active.text
    assert re.search(r'value="popup-05-09-contact" checked', active.text)
    [version] = await console.services.rulings.pairs.versions()
    assert version.classes == PairClasses(5000, True, True, (), tuple(rules), 3)
    await other.post("/console/policy/pairs/new", reason="不再需要")
    [discard] = re.findall(
        r"/console/policy/pairs/\w+/discard", (await one.get("/console/policy/pairs")).text
    )
    await one.post(discard)
    assert (await console.services.rulings.pairs.versions())[0].state == "discarded"


async def _faults_are_told(admin: Person) -> None:
    new = "/console/policy/pairs/new"
    wrong = await admin.post(new, audience_over="很多", always="emergency", reason="x")
    assert wrong.status_code == 422
    assert "很多" in wrong.text
    blank = await admin.post(new, rules=["no-such-rule"], refused_days="400")
    assert blank.status_code == 422
    assert blank.text.count('class="form-fault"') == 3
