"""A complaint is taken without signing in, about what was released, and kept with its reason."""

from datetime import timedelta

import pytest

from app.complaints.repository import ComplaintFilter, ComplaintState, Reason
from app.complaints.service import Complaints, NewComplaint, read_number
from app.errors import Invalid, NotFound
from app.ids import new_id
from tests.fixtures.database import Ledger
from tests.fixtures.registers import Registers


@pytest.fixture
def complaints(registers: Registers) -> Complaints:
    return Complaints(registers.db, registers.clock)


@pytest.fixture
async def release_id(registers: Registers) -> str:
    return await registers.release()


def about(release_id: str, **changes: str) -> NewComplaint:
    values = {"reason": "not_closable", "text": "点了两次才关掉。", "language": "zh"}
    return NewComplaint(release_id, **(values | changes))


async def test_a_complaint_gets_a_number_to_ask_after_it(
    complaints: Complaints, release_id: str, audit_log: Ledger
) -> None:
    filed = await complaints.file(about(release_id))
    assert read_number(filed.number) == filed.number
    assert filed.state is ComplaintState.OPEN
    assert filed.push_id.startswith("psh_")
    careless = f" {filed.number.lower().replace('-', '').replace('0', 'o').replace('1', 'l')} "
    assert await complaints.by_number(careless) == filed
    assert await audit_log.kinds(filed.id) == ["complaint_filed"]


async def test_what_people_write_stays_out_of_the_ledger(
    complaints: Complaints, release_id: str, audit_log: Ledger
) -> None:
    await complaints.file(about(release_id, text="我叫李娜，电话 13812345678"))
    assert "13812345678" not in await audit_log.text()


@pytest.mark.parametrize("number", ["", "C-", "C-0000-0000", "C-UUUU-UUUU", "\ud800", "x" * 1000])
async def test_an_unknown_number_finds_nothing(complaints: Complaints, number: str) -> None:
    assert await complaints.by_number(number) is None


@pytest.mark.parametrize("release_id", ["", "rel_none", "psh_1", "\ud800"])
async def test_only_what_was_released_can_be_complained_about(
    complaints: Complaints, release_id: str
) -> None:
    for unknown in (release_id, new_id("rel")):
        with pytest.raises(NotFound):
            await complaints.file(about(unknown))


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"reason": "boring"}, "/reason", "unknown_value"),
        ({"text": "长" * 1001}, "/text", "too_long"),
        ({"text": "a\x00b"}, "/text", "unseen_character"),
        ({"text": "a\ud800b"}, "/text", "unseen_character"),
        ({"reason": "other", "text": " "}, "/text", "required"),
    ],
)
async def test_a_complaint_with_a_bad_field_is_refused(
    complaints: Complaints, release_id: str, changes: dict[str, str], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await complaints.file(about(release_id, **changes))
    assert [(p.pointer, p.code) for p in refused.value.problems] == [(pointer, code)]
    assert not (await complaints.find(ComplaintFilter())).items


async def test_a_reason_is_enough_and_a_thousand_characters_are_taken(
    complaints: Complaints, release_id: str
) -> None:
    assert (await complaints.file(about(release_id, text=""))).text == ""
    assert len((await complaints.file(about(release_id, text="长" * 1000))).text) == 1000


async def test_complaints_are_listed_newest_first_page_by_page(
    complaints: Complaints, release_id: str
) -> None:
    filed = [(await complaints.file(about(release_id))).number for _ in range(5)]
    seen: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = await complaints.find(ComplaintFilter(), cursor, limit=2)
        seen += [one.number for one in page.items]
        cursor, pages = page.next_cursor, pages + 1
    assert (seen, pages) == (filed[::-1], 3)


async def test_complaints_are_filtered_by_each_field(
    registers: Registers, complaints: Complaints, release_id: str
) -> None:
    first = await complaints.file(about(release_id))
    registers.clock.advance(timedelta(days=1))
    second = await complaints.file(about(await registers.release(), reason="misleading"))
    for wanted, expected in (
        (ComplaintFilter(reason=Reason.MISLEADING), [second]),
        (ComplaintFilter(push_id=first.push_id), [first]),
        (ComplaintFilter(number=second.number), [second]),
        (ComplaintFilter(since=second.filed_at), [second]),
        (ComplaintFilter(until=second.filed_at), [first]),
        (ComplaintFilter(state=ComplaintState.UPHELD), []),
        (ComplaintFilter(state=ComplaintState.OPEN), [second, first]),
    ):
        assert (await complaints.find(wanted)).items == expected


@pytest.mark.parametrize("cursor", ["", "x", "!!", "窗", "cHNoX3g"])
async def test_a_cursor_that_we_did_not_give_is_refused(
    complaints: Complaints, cursor: str
) -> None:
    with pytest.raises(Invalid):
        await complaints.find(ComplaintFilter(), cursor)
