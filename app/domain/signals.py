"""What a judgement of a text noticed: weak and strong signals that rules weigh."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, Final, Protocol, Self

from app.domain.values import dataclass

Span = tuple[int, int]

REPORTED: Final = "reported"
"""The kind of a content signal that the text tells of something instead of offering it."""

ORDINARY: Final = "ordinary"
"""The kind of a manner signal that the wording as a whole resembles nothing in question."""

DISGUISED: Final = "disguised"
"""A parameter of content signals, true where some word is written otherwise than plainly."""


class Family(StrEnum):
    """What a signal speaks for; one part of the screening, and the rules that read it, each."""

    ADVERTISING = "advertising"
    CLAIM = "claim"
    TITLE = "title"
    CONTENT = "content"
    CONTACT = "contact"
    MANNER = "manner"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that a judgement noticed in one field: weak or strong, never a verdict by itself.

    `kind` is the family's own word for it ("price", "absolute", "number_changed"), `weight` in
    hundredths (0 to 100) how much it speaks for its family, `span` a half-open range of code
    points of the original text, empty (equal ends) where something is missing. `params` are what
    the words of a finding need: texts and numbers, such as what stood in the original title.
    """

    family: Family
    kind: str
    pointer: str
    span: Span
    weight: int
    params: Mapping[str, str | int | bool] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {
            "family": self.family.value,
            "kind": self.kind,
            "pointer": self.pointer,
            "span": list(self.span),
            "weight": self.weight,
            "params": dict(self.params),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        return cls(
            family=Family(value["family"]),
            kind=value["kind"],
            pointer=value["pointer"],
            span=span_from(value["span"]),
            weight=value["weight"],
            params=dict(value["params"]),
        )


class Placed(Protocol):
    """What stands in a field: a signal, or a hit of a listed term."""

    @property
    def pointer(self) -> str:
        """The JSON pointer of the field."""

    @property
    def span(self) -> Span:
        """Where in the field, half open, in code points."""


def overlap(one: Placed, other: Placed) -> bool:
    """Say whether two places share some of one field."""
    same_field = one.pointer == other.pointer
    return same_field and one.span[0] < other.span[1] and other.span[0] < one.span[1]


def span_from(value: list[int]) -> Span:
    """Read a span from its two numbers; ValueError on anything else."""
    start, end = value
    return int(start), int(end)
