"""How far people agree, chance taken off."""

from app.domain.decision import RulingVerdict
from app.review.agreement import Agreement, Compared, agreement, by_two, of_person

APPROVE, REFUSE, RETURN = RulingVerdict.APPROVE, RulingVerdict.REFUSE, RulingVerdict.RETURN


def compared(*verdicts: tuple[RulingVerdict, RulingVerdict], two: str = "ab") -> list[Compared]:
    return [Compared(two[0], one, two[1], other) for one, other in verdicts]


def test_kappa_of_the_textbook() -> None:
    """Cohen's example: 20 both yes, 15 both no, 5 and 10 otherwise: 0.4."""
    every = compared(
        *[(APPROVE, APPROVE)] * 20,
        *[(APPROVE, REFUSE)] * 5,
        *[(REFUSE, APPROVE)] * 10,
        *[(REFUSE, RETURN)] * 15,
    )
    assert agreement(every) == Agreement(50, 35, 40)
    assert agreement(every).percent == 70


def test_nothing_can_be_said_where_chance_alone_would_agree() -> None:
    assert agreement([]) == Agreement(0, 0, None)
    assert agreement([]).percent == 0
    assert agreement(compared(*[(APPROVE, APPROVE)] * 9)) == Agreement(9, 9, None)


def test_always_and_never_the_same() -> None:
    assert agreement(compared((APPROVE, APPROVE), (REFUSE, REFUSE))).kappa == 100
    assert agreement(compared((APPROVE, REFUSE), (REFUSE, APPROVE))).kappa == -100


def test_each_person_and_each_two() -> None:
    every = [
        *compared((APPROVE, APPROVE), (REFUSE, APPROVE), two="ab"),
        *compared((REFUSE, REFUSE), two="ba"),
        *compared((APPROVE, APPROVE), two="bc"),
    ]
    assert sorted(one.other for one in of_person(every, "b")) == ["a", "a", "a", "c"]
    assert {one.one for one in of_person(every, "b")} == {"b"}
    assert agreement(of_person(every, "a")) == Agreement(3, 2, 40)
    assert agreement(of_person(every, "c")).number == 1
    assert [two for two, _ in by_two(every)] == [("a", "b"), ("b", "c")]
    assert by_two(every)[0][1] == Agreement(3, 2, 40)
