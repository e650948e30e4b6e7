"""Streams that are open at once are counted, and given back."""

import pytest

from app.delivery.seats import EACH_RECIPIENT, Seats
from app.errors import TooManyRequests


def test_one_recipient_has_few_streams_and_gets_them_back() -> None:
    seats = Seats()
    held = [seats.hold("srf/r_1", "10.0.0.1") for _ in range(EACH_RECIPIENT)]
    for seat in held:
        seats.require("srf/r_1", "10.0.0.1")
        seat.__enter__()
    with pytest.raises(TooManyRequests):
        seats.require("srf/r_1", "10.0.0.1")
    seats.require("srf/r_2", "10.0.0.1")
    held[0].__exit__(None, None, None)
    seats.require("srf/r_1", "10.0.0.1")
