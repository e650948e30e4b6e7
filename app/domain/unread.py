"""A field of which the screening did not look at every place: a fact that the rules read."""

from typing import Any, Self

from app.domain.signals import Span, span_from
from app.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Unread:
    """The first place of a field that may hold a disguised term and was not looked at.

    There were more such places than the screening looks at in one field; `span` is in the
    original text, and what lies behind it was not looked at either.
    """

    pointer: str
    span: Span

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {"pointer": self.pointer, "span": list(self.span)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        return cls(pointer=value["pointer"], span=span_from(value["span"]))
