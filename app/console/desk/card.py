"""Where the parts of a popup stand: the web client's own geometry, worked out without script."""

import re
from dataclasses import dataclass
from typing import Any, Final

Payload = dict[str, Any]

_COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_LEAST_SIDE: Final = 16
_LABEL_LINE: Final = 1.2


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in dp inside the frame, and which corner it is measured from."""

    x: float
    y: float
    width: float
    height: float
    right: float
    bottom: float
    at_top: bool
    at_left: bool

    @property
    def inset(self) -> str:
        """The CSS value that keeps the box at its place from the nearer corner."""
        top, bottom = (_length(self.y), "auto") if self.at_top else ("auto", _length(self.bottom))
        left, right = (_length(self.x), "auto") if self.at_left else ("auto", _length(self.right))
        return f"{top} {right} {bottom} {left}"


def properties(payload: Payload) -> dict[str, str]:
    """Return the CSS custom properties under which the client's stylesheet draws a payload.

    The same names and values as `geometry` of `popgate-client.js`; a test compares the two in
    a browser.
    """
    frame, label, close = payload["frame"], payload["label"], payload["close"]
    width, height = _label_size(label)
    mark = _placed(close, close["width_dp"], close["height_dp"], frame)
    tag = None if label is None else _placed(label, width, height, frame)
    values: dict[str, object] = {
        "frame-width": frame["width_dp"],
        "frame-height": frame["height_dp"],
        "body-size": payload["body_size_dp"],
        "label-inset": "0" if tag is None else tag.inset,
        "label-width": width,
        "label-height": height,
        "label-size": 0 if label is None else label["size_dp"],
        "close-inset": mark.inset,
        "close-width": close["width_dp"],
        "close-height": close["height_dp"],
        "close-color": _color(close["color"]),
        "close-background": _color(close["background"]),
    }
    if label is not None:
        values |= {
            "label-color": _color(label["color"]),
            "label-background": _color(label["background"]),
        }
    values |= _room(mark, tag)
    return {f"--{name}": _text(value) for name, value in values.items()}


def _room(mark: Box, tag: Box | None) -> dict[str, object]:
    """Return how much the text leaves free for label and mark."""
    placed = [mark] if tag is None else [mark, tag]
    top = [box for box in placed if box.at_top]
    line = tag if tag is not None and tag.at_top else next(iter(top), None)
    return {
        "head-height": max([8, *(box.y + box.height for box in top)]),
        "head-left": max([_LEAST_SIDE, *(box.x + box.width + 12 for box in top if box.at_left)]),
        "head-right": max(
            [_LEAST_SIDE, *(box.right + box.width + 8 for box in top if not box.at_left)]
        ),
        "head-top": 12 if line is None else max(2, line.y + line.height / 2 - 10),
        "foot-height": max([0, *(box.bottom + box.height for box in placed if not box.at_top)]),
    }


def _placed(part: Payload, width: float, height: float, frame: Payload) -> Box:
    x, y = part["x_dp"], part["y_dp"]
    return Box(
        x=x,
        y=y,
        width=width,
        height=height,
        right=frame["width_dp"] - x - width,
        bottom=frame["height_dp"] - y - height,
        at_top=y + height / 2 <= frame["height_dp"] / 2,
        at_left=x + width / 2 <= frame["width_dp"] / 2,
    )


def _label_size(label: Payload | None) -> tuple[float, float]:
    """Return the label's box: size times number of characters by 1.2 times size."""
    if label is None:
        return 0, 0
    return label["size_dp"] * len(label["text"]), label["size_dp"] * _LABEL_LINE


def _color(value: str) -> str:
    """Return a colour as it stands; anything else would be code in a stylesheet."""
    return value if _COLOR.fullmatch(value) else "transparent"


def _length(dp: float) -> str:
    return f"calc({_text(dp)} * var(--dp))"


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
