"""What was found in the pictures of a push: a part of the facts, found once and kept."""

from enum import StrEnum
from typing import Any, Self

from app.domain.values import dataclass

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the picture."""


class Reading(StrEnum):
    """How far the reading of a picture's words has come.

    `OFF` means that no machine reads words here, `PENDING` that one will, `FAILED` that one could
    not.
    """

    OFF = "off"
    PENDING = "pending"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of words in a picture, and the box around it."""

    text: str
    box: Box

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {"text": self.text, "box": list(self.box)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        left, top, right, bottom = value["box"]
        return cls(value["text"], (left, top, right, bottom))


@dataclass(frozen=True, slots=True)
class Code:
    """A code that a phone's camera reads: its kind, what it says, and the box around it."""

    kind: str
    text: str
    box: Box

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {"kind": self.kind, "text": self.text, "box": list(self.box)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        left, top, right, bottom = value["box"]
        return cls(value["kind"], value["text"], (left, top, right, bottom))


class AigcLabel(StrEnum):
    """What a file says of itself (GB 45438-2025): made by AI for certain, perhaps, or suspected.

    `UNREADABLE` stands for what is there and says none of the three.
    """

    GENERATED = "1"
    POSSIBLE = "2"
    SUSPECTED = "3"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class AigcMark:
    """The implicit label in the metadata of a picture's file, as whoever wrote it wrote it."""

    label: AigcLabel
    producer: str = ""
    produce_id: str = ""
    propagator: str = ""
    propagate_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {
            "label": self.label.value,
            "producer": self.producer,
            "produce_id": self.produce_id,
            "propagator": self.propagator,
            "propagate_id": self.propagate_id,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError, TypeError or ValueError on anything else."""
        return cls(**{**value, "label": AigcLabel(value["label"])})


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What one picture of the push holds, in the order of its pictures.

    `codes` is None where nobody looked for any; a code that cannot be read counts as none. `aigc`
    is None where the file says nothing, or was taken in before anybody looked.
    """

    sha256: str
    codes: tuple[Code, ...] | None
    reading: Reading = Reading.OFF
    lines: tuple[TextLine, ...] = ()
    aigc: AigcMark | None = None

    @property
    def text(self) -> str:
        """The words in the picture, a line each."""
        return "\n".join(line.text for line in self.lines)


PICTURE_TEXT = "/images/{}/text"
"""The pointer at the words in a picture, by its number."""
PICTURE_METADATA = "/images/{}/aigc"
"""The pointer at what a picture's file says of itself, by its number."""
