"""The parts that a condition is read into, each with its place in the source."""

from dataclasses import dataclass

Span = tuple[int, int]
Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in quotes, a whole number, `true` or `false`."""

    value: Scalar
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    """A list of literals, as `in` takes it."""

    items: tuple[Literal, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the facts, such as `source.unit`."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument, such as `length(title)`."""

    function: str
    argument: "Name | Literal"
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides with an operator between them."""

    left: "Operand"
    operator: str
    right: "Operand"
    span: Span


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` and what it turns round."""

    inner: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions that all have to hold (`and`) or of which one has to (`or`)."""

    word: str
    parts: "tuple[Node, ...]"
    span: Span


Operand = Literal | Items | Name | Call
Node = Operand | Comparison | Negation | Junction
