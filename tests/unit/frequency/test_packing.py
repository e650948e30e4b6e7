"""What the counters answer is read whole or not at all."""

import struct

import pytest

from app.errors import CannotJudge
from app.frequency import packing


def test_counts_are_read_in_their_order() -> None:
    assert packing.counts(struct.pack(">3H", 0, 7, 65_535), 3) == (0, 7, 65_535)


@pytest.mark.parametrize("answer", [b"", b"\0", b"\0\1\0", b"\0" * 8])
def test_an_answer_of_another_length_is_an_outage_and_no_count(answer: bytes) -> None:
    with pytest.raises(CannotJudge):
        packing.counts(answer, 3)
