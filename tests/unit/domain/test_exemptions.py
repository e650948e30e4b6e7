"""Exemptions from caps: which pushes, when, which caps, and whom they let through."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.exemptions import Exempted, Exemption, eased, let_through, live, moved
from app.domain.policy import A_DAY, Cap, Mode

START = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


def exemption(exemption_id: str, *caps: str, after: int = 0) -> Exemption:
    starts = START + after * HOUR
    return Exemption(exemption_id, caps, Exempted(("srf_a",)), starts, starts + HOUR)


@pytest.mark.parametrize(
    ("pushes", "met"),
    [
        (Exempted(), False),
        (Exempted(surfaces=("srf_a",)), True),
        (Exempted(surfaces=("srf_b",)), False),
        (Exempted(surfaces=("srf_a",), providers=("prv_a", "prv_b")), True),
        (Exempted(surfaces=("srf_a",), providers=("prv_b",)), False),
        (Exempted(topics=("flood",)), True),
        (Exempted(providers=("prv_a",), topics=("sport",)), False),
    ],
)
def test_what_is_named_has_to_fit_and_something_has_to_be_named(
    pushes: Exempted, met: bool
) -> None:
    assert pushes.include("srf_a", "prv_a", "flood") is met
    assert not Exempted(topics=("flood",)).include("srf_a", "prv_a", None)


def test_it_is_live_from_its_start_until_just_before_its_end() -> None:
    one = exemption("exm_1", "a")
    ends = START + HOUR
    assert live([one], START) == live([one], ends - timedelta(microseconds=1)) == (one,)
    assert live([one], START - timedelta(microseconds=1)) == live([one], ends) == ()


def test_an_exempted_cap_goes_on_counting_and_stops_nothing() -> None:
    caps = [Cap("a", 1, A_DAY), Cap("b", 1, A_DAY), Cap("c", 1, A_DAY, mode=Mode.SHADOW)]
    late, early = exemption("exm_1", "a", "c", after=1), exemption("exm_2", "a")
    found, let = eased(caps, [late, early])
    assert [cap.mode for cap in found] == [Mode.SHADOW, Mode.ENFORCE, Mode.SHADOW]
    # What is a shadow by itself owes nothing to an exemption.
    assert let == {"a": "exm_2"}
    assert eased(caps, []) == (caps, {})


def test_only_those_who_got_it_were_let_through_and_each_counts_once() -> None:
    noted = {"exm_1": {"a": [0, 1, 2], "b": [1]}, "exm_2": {"a": [2]}}
    assert let_through(noted, "aufw", "au") == {"exm_1": {"": 2, "a": 2, "b": 1}}
    assert let_through({}, "a", "a") == {}


def test_places_move_with_the_recipients_who_stay() -> None:
    noted = {"exm_1": {"a": [0, 2, 3]}}
    assert moved(noted, [1, 2, 3]) == {"exm_1": {"a": [1, 2]}}
