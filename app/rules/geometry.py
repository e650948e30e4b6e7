"""Boxes inside a popup, in tenths of a density-independent pixel, so that no float is needed."""

from app.domain.push import AdLabel, Close, Frame
from app.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its edges; `right` and `bottom` lie just outside it."""

    left: int
    top: int
    right: int
    bottom: int

    def inside(self, frame: Frame) -> bool:
        """Tell whether all of the box lies in the popup."""
        return (
            self.left >= 0
            and self.top >= 0
            and self.right <= 10 * frame.width_dp
            and self.bottom <= 10 * frame.height_dp
        )

    def overlaps(self, other: "Box") -> bool:
        """Tell whether the boxes share an area; to touch at an edge is not to overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def label_box(label: AdLabel) -> Box:
    """Return the label's box: size times number of characters by 1.2 times size."""
    left, top = 10 * label.x_dp, 10 * label.y_dp
    return Box(left, top, left + 10 * label.size_dp * len(label.text), top + 12 * label.size_dp)


def close_box(close: Close) -> Box:
    """Return the area that can be tapped to close."""
    left, top = 10 * close.x_dp, 10 * close.y_dp
    return Box(left, top, left + 10 * close.width_dp, top + 10 * close.height_dp)
