"""Promise 10: no personal data is needed to deliver, to refuse or to complain."""

from app.complaints.models import complaints
from app.recipients.models import recipients, refusals
from tests.fixtures.gate import Gate

PERSONAL = ("name", "phone", "mail", "identity", "address", "birth", "user")


def test_no_table_of_recipients_has_room_for_a_person() -> None:
    for table in (recipients, refusals, complaints):
        for column in table.columns:
            assert not any(word in column.name for word in PERSONAL), (table.name, column.name)


async def test_a_token_and_its_secret_are_enough_to_receive(gate: Gate) -> None:
    secrets = await gate.register("r_1")
    push_id = await gate.released("r_1")
    await gate.dispatch()

    assert [item.push_id for item in await gate.inbox("r_1")] == [push_id]
    assert await gate.services.recipients.authenticate(gate.surface_id, "r_1", secrets["r_1"])
