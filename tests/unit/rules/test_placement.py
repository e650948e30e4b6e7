"""What is drawn beside the preview says what the rules find."""

import pytest

from app.rules.engine import decide
from app.rules.geometry import Box
from app.rules.placement import Flaw, Part, placement
from tests.fixtures.facts import facts_of

LABEL = {"text": "广告", "size_dp": 14, "color": "#666666", "background": "#FFFFFF"}


def test_a_push_in_order_has_its_parts_without_flaws() -> None:
    found = placement(facts_of("advertisement"))
    assert [(one.part, one.flaws) for one in found] == [(Part.LABEL, ()), (Part.CLOSE, ())]
    assert found[0].box == Box(80, 80, 360, 248)
    assert found[0].contrast == "5.74"


def test_what_is_not_there_is_not_placed() -> None:
    missing = facts_of("news", {"push.presentation.close.present": False})
    assert placement(missing) == ()


@pytest.mark.parametrize(
    ("changes", "flaws", "codes"),
    [
        (
            {"push.presentation.ad_label": LABEL | {"x_dp": 280, "y_dp": 10}},
            {Part.LABEL: (Flaw.OVERLAP,), Part.CLOSE: (Flaw.OVERLAP,)},
            {"label-covered"},
        ),
        (
            {"push.presentation.ad_label": LABEL | {"x_dp": -1, "y_dp": 8}},
            {Part.LABEL: (Flaw.OUTSIDE,), Part.CLOSE: ()},
            {"label-outside-frame"},
        ),
        (
            {"push.presentation.close.width_dp": 20, "push.presentation.close.color": "#EEEEEE"},
            {Part.LABEL: (), Part.CLOSE: (Flaw.SMALL, Flaw.FAINT)},
            {"close-too-small", "close-faint"},
        ),
        (
            {"push.presentation.close.color": "red"},
            {Part.LABEL: (), Part.CLOSE: ()},
            {"close-color-unreadable"},
        ),
        (
            {"surface.elderly_mode": True, "push.presentation.body_size_dp": 18},
            {Part.LABEL: (Flaw.SMALL,), Part.CLOSE: (Flaw.SMALL,)},
            {"label-below-body", "elderly-close-small"},
        ),
    ],
)
def test_flaws_are_those_that_rules_find(
    changes: dict[str, object], flaws: dict[Part, tuple[Flaw, ...]], codes: set[str]
) -> None:
    facts = facts_of("advertisement", changes)
    assert {one.part: one.flaws for one in placement(facts)} == flaws
    assert {finding.code for finding in decide(facts).findings} >= codes


def test_an_unreadable_colour_has_no_contrast() -> None:
    facts = facts_of("news", {"push.presentation.close.color": "red"})
    assert [one.contrast for one in placement(facts)] == [""]
