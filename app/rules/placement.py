"""Where label and close mark lie in the popup and what is wrong with it, as data to be drawn."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.facts import Facts, SurfaceFacts
from app.rules import limits
from app.rules.contrast import contrast, ratio_text
from app.rules.geometry import Box, close_box, label_box


class Part(StrEnum):
    """What is placed by the sender."""

    LABEL = "label"
    CLOSE = "close"


class Flaw(StrEnum):
    """What is wrong with a part."""

    OUTSIDE = "outside"
    OVERLAP = "overlap"
    SMALL = "small"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Placed:
    """One part with its box in tenths of a dp; `contrast` is empty where a colour is unreadable."""

    part: Part
    box: Box
    contrast: str
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class _Least:
    size: int
    contrast: int


def placement(facts: Facts) -> tuple[Placed, ...]:
    """Return what the sender placed, the label before the close mark; KeyError without limits.

    It says what the rules find, for the eye; what follows from it they alone say.
    """
    shown = facts.push.presentation
    label, close = shown.ad_label, shown.close
    boxes = {
        Part.LABEL: None if label is None else label_box(label),
        Part.CLOSE: close_box(close) if close.present else None,
    }
    first, second = boxes.values()
    meet = first is not None and second is not None and first.overlaps(second)
    found = []
    for part, box in boxes.items():
        if box is None:
            continue
        least = _least(facts, part)
        if part is Part.LABEL and label is not None:
            size, ratio = label.size_dp, contrast(label.color, label.background)
        else:
            size = min(close.width_dp, close.height_dp)
            ratio = contrast(close.color, close.background)
        flaws = (
            (Flaw.OUTSIDE, not box.inside(shown.frame)),
            (Flaw.OVERLAP, meet),
            (Flaw.SMALL, size < least.size),
            (Flaw.FAINT, ratio is not None and ratio < least.contrast),
        )
        text = "" if ratio is None else ratio_text(ratio)
        found.append(Placed(part, box, text, tuple(flaw for flaw, is_so in flaws if is_so)))
    return tuple(found)


def _least(facts: Facts, part: Part) -> _Least:
    if part is Part.LABEL:
        size = max(facts.limit(limits.LABEL_MIN_SIZE), facts.push.presentation.body_size_dp)
        return _Least(size, facts.limit(limits.LABEL_MIN_CONTRAST))
    surface = facts.surface
    elderly = isinstance(surface, SurfaceFacts) and surface.elderly_mode
    side = facts.limit(limits.ELDERLY_CLOSE_MIN if elderly else limits.CLOSE_MIN_SIDE)
    return _Least(side, facts.limit(limits.CLOSE_MIN_CONTRAST))
