"""Values that are frozen by the checker of types alone."""

from dataclasses import fields, replace

import pytest

from app.domain.push import Frame


def test_a_value_is_what_the_library_makes() -> None:
    frame = Frame(320, 180)
    assert [field.name for field in fields(frame)] == ["width_dp", "height_dp"]
    assert replace(frame, height_dp=90) == Frame(320, 90) != frame
    assert len({frame, Frame(320, 180), Frame(90, 90)}) == 2
    with pytest.raises(AttributeError):
        frame.depth_dp = 3  # type: ignore[attr-defined]


def test_the_checker_refuses_what_would_change_one() -> None:
    # An ignored fault that is none any more is one: this line is the test.
    frame = Frame(320, 180)
    frame.width_dp = 90  # type: ignore[misc]
    assert frame == Frame(90, 180)
