"""Reads a condition into its parts: `or` binds weaker than `and`, `and` weaker than `not`."""

from typing import Final

from app.rules.operator.fault import ConditionError
from app.rules.operator.syntax import (
    Call,
    Comparison,
    Items,
    Junction,
    Literal,
    Name,
    Negation,
    Node,
    Operand,
)
from app.rules.operator.tokens import Token, tokens

DEEPEST: Final = 20
"""How deep brackets and `not` may be nested."""
MOST_TOKENS: Final = 500

COMPARISONS: Final = frozenset(
    {"==", "!=", "<", "<=", ">", ">=", "in", "contains", "starts_with", "ends_with", "matches"}
)
_RESERVED: Final = COMPARISONS | {"and", "or", "not", "true", "false"}


def parse(source: str) -> Node:
    """Return the parts of a condition; ConditionError says what does not fit, and where."""
    found = tokens(source)
    if len(found) > MOST_TOKENS:
        raise ConditionError(
            f"条件过长：最多 {MOST_TOKENS} 个词", f"Too long: at most {MOST_TOKENS} words",
            found[MOST_TOKENS].span,
        )  # fmt: skip
    reader = _Reader(found)
    node = reader.junction("or", 0)
    reader.expect_end()
    return node


class _Reader:
    """Goes through the tokens once, looking one ahead."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0

    def junction(self, word: str, depth: int) -> Node:
        """Read parts with `and` or `or` between them."""
        first = self._part(word, depth)
        parts = [first]
        while self._skip("word", word):
            parts.append(self._part(word, depth))
        if len(parts) == 1:
            return first
        return Junction(word, tuple(parts), (parts[0].span[0], parts[-1].span[1]))

    def expect_end(self) -> None:
        """Raise ConditionError unless everything was read."""
        token = self._next
        if token.kind != "end":
            raise ConditionError(
                f"“{token.value}”出现在不该出现的位置，前面可能少了 and 或 or",
                f'"{token.value}" is out of place; perhaps `and` or `or` is missing before it',
                token.span,
            )

    def _part(self, word: str, depth: int) -> Node:
        return self.junction("and", depth) if word == "or" else self._negation(depth)

    def _negation(self, depth: int) -> Node:
        start = self._next.span[0]
        if self._skip("word", "not"):
            self._not_too_deep(depth)
            inner = self._negation(depth + 1)
            return Negation(inner, (start, inner.span[1]))
        return self._comparison(depth)

    def _comparison(self, depth: int) -> Node:
        if self._skip("mark", "("):
            self._not_too_deep(depth)
            inner = self.junction("or", depth + 1)
            self._expect("mark", ")")
            return inner
        left = self._operand()
        token = self._next
        if token.value not in COMPARISONS or token.kind == "text":
            return left
        self._at += 1
        right = self._operand()
        return Comparison(left, token.value, right, (left.span[0], right.span[1]))

    def _operand(self) -> Operand:
        token = self._next
        if token.kind == "mark" and token.value == "[":
            return self._items()
        if token.kind == "word" and token.value not in _RESERVED:
            self._at += 1
            if self._skip("mark", "("):
                return self._call(token)
            return Name(token.value, token.span)
        return self._literal()

    def _call(self, function: Token) -> Call:
        token = self._next
        argument: Name | Literal
        if token.kind == "word" and token.value not in _RESERVED:
            self._at += 1
            argument = Name(token.value, token.span)
        else:
            argument = self._literal()
        end = self._expect("mark", ")")
        return Call(function.value, argument, (function.span[0], end.span[1]))

    def _items(self) -> Items:
        start = self._expect("mark", "[").span[0]
        items = [self._literal()]
        while self._skip("mark", ","):
            items.append(self._literal())
        end = self._expect("mark", "]").span[1]
        return Items(tuple(items), (start, end))

    def _literal(self) -> Literal:
        token = self._next
        self._at += 1
        if token.kind == "text":
            return Literal(token.value, token.span)
        if token.kind == "number":
            return Literal(int(token.value), token.span)
        if token.kind == "word" and token.value in ("true", "false"):
            return Literal(token.value == "true", token.span)
        said = token.value or "结尾"
        raise ConditionError(
            f"此处应是字段、文字、数字或列表，而不是“{said}”",
            f'A field, text, number or list is expected here, not "{token.value or "the end"}"',
            token.span,
        )

    @property
    def _next(self) -> Token:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def _skip(self, kind: str, value: str) -> bool:
        token = self._next
        if token.kind == kind and token.value == value:
            self._at += 1
            return True
        return False

    def _expect(self, kind: str, value: str) -> Token:
        token = self._next
        if not self._skip(kind, value):
            raise ConditionError(f"此处缺少“{value}”", f'"{value}" is missing here', token.span)
        return token

    def _not_too_deep(self, depth: int) -> None:
        if depth >= DEEPEST:
            raise ConditionError(
                f"嵌套最多 {DEEPEST} 层", f"Nested at most {DEEPEST} deep", self._next.span
            )
