"""How long a name or an address waits after failed sign-ins."""

from datetime import timedelta

import pytest

from app.staff.repository import Attempt
from app.staff.throttle import BY_ADDRESS, BY_NAME, seconds_to_wait
from tests.fixtures.clock import START


def attempts(*outcomes: bool, seconds_ago: float = 0) -> list[Attempt]:
    """Attempts, newest first, all at the same moment."""
    at = START - timedelta(seconds=seconds_ago)
    return [Attempt("att", "li.na", "192.0.2.1", at, outcome) for outcome in outcomes]


def test_the_first_failures_of_a_name_cost_nothing() -> None:
    assert seconds_to_wait(attempts(*[False] * 4), [], START) == 0


@pytest.mark.parametrize(
    ("failures", "wait"), [(5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (99, 60)]
)
def test_the_wait_for_a_name_doubles_up_to_a_minute(failures: int, wait: int) -> None:
    assert seconds_to_wait(attempts(*[False] * failures), [], START) == wait


@pytest.mark.parametrize(("failures", "wait"), [(19, 0), (20, 1), (25, 32), (40, 900), (99, 900)])
def test_the_wait_for_an_address_doubles_up_to_a_quarter_of_an_hour(
    failures: int, wait: int
) -> None:
    assert seconds_to_wait([], attempts(*[False] * failures), START) == wait


def test_a_success_forgives_the_failures_of_a_name() -> None:
    assert seconds_to_wait(attempts(False, True, *[False] * 50), [], START) == 0


def test_a_success_forgives_nothing_at_an_address() -> None:
    """Else whoever has an account of their own could try those of others without end."""
    assert seconds_to_wait([], attempts(True, *[False] * 25), START) == 32


def test_time_that_has_passed_counts() -> None:
    failed = attempts(*[False] * 10, seconds_ago=31.5)
    assert seconds_to_wait(failed, [], START) == 1
    assert seconds_to_wait(attempts(*[False] * 10, seconds_ago=32), [], START) == 0


def test_a_wait_never_shrinks_with_another_failure() -> None:
    for brake in (BY_NAME, BY_ADDRESS):
        waits = [brake.wait_after(failures) for failures in range(120)]
        assert waits == sorted(waits)
        assert waits[-1] == brake.longest
