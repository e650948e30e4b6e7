"""What is worked out of an object is found once, and never taken for another object's."""

from app.domain.worked_out import MOST_KEPT, WorkedOut


def test_an_object_is_asked_about_once_however_many_ask() -> None:
    asked: list[tuple[int, ...]] = []

    @WorkedOut
    def total(of: tuple[int, ...]) -> int:
        """Add up."""
        asked.append(of)
        return sum(of)

    numbers = (1, 2, 3)
    assert [total(numbers), total(numbers)] == [6, 6]
    assert asked == [numbers]
    assert total.__doc__ == "Add up."


def test_objects_that_come_and_go_are_told_apart() -> None:
    length = WorkedOut[list[int], int](len)
    for size in range(3 * MOST_KEPT):
        # Freed at once, so that its place in memory is free for the next one.
        assert length([0] * size) == size
