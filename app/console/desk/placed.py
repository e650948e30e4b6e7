"""A drawing of where label and close mark lie in the popup, with what is wrong marked."""

from dataclasses import dataclass
from typing import Final

from app.domain.facts import Facts
from app.rules.placement import Placed, placement

_TENTHS: Final = 10
_MARGIN: Final = 8


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """One part in dp; `flaws` name what is wrong with it."""

    part: str
    x: float
    y: float
    width: float
    height: float
    contrast: str
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedCard:
    """The popup's frame in dp, its parts, and the view box of the drawing."""

    width: int
    height: int
    view_box: str
    parts: tuple[PlacedPart, ...]

    @property
    def is_flawed(self) -> bool:
        """Whether something is wrong with any part."""
        return any(one.flaws for one in self.parts)


def placed_card(facts: Facts) -> PlacedCard | None:
    """Return the drawing; None where nothing is placed or the numbers of the day are lost."""
    try:
        parts = tuple(map(_part, placement(facts)))
    except KeyError:
        return None
    if not parts:
        return None
    frame = facts.push.presentation.frame
    left = min(0.0, *(one.x for one in parts)) - _MARGIN
    top = min(0.0, *(one.y for one in parts)) - _MARGIN
    right = max(float(frame.width_dp), *(one.x + one.width for one in parts)) + _MARGIN
    bottom = max(float(frame.height_dp), *(one.y + one.height for one in parts)) + _MARGIN
    box = f"{left:g} {top:g} {right - left:g} {bottom - top:g}"
    return PlacedCard(frame.width_dp, frame.height_dp, box, parts)


def _part(one: Placed) -> PlacedPart:
    box = one.box
    return PlacedPart(
        part=one.part.value,
        x=box.left / _TENTHS,
        y=box.top / _TENTHS,
        width=(box.right - box.left) / _TENTHS,
        height=(box.bottom - box.top) / _TENTHS,
        contrast=one.contrast,
        flaws=tuple(flaw.value for flaw in one.flaws),
    )
