"""Turns a condition into a program that needs linear time, after checking every type in it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.domain.facts import Facts, Unknown
from app.rules.operator.fault import ConditionError
from app.rules.operator.fields import FIELDS, Field, FieldType
from app.rules.operator.functions import COUNTING, HAS, LENGTH
from app.rules.operator.parser import parse
from app.rules.operator.programs import (
    Numbers,
    Program,
    Test,
    Trace,
    all_of,
    any_of,
    compared,
    has_value,
    is_there,
    length_of,
    negated,
    number_of,
    some_place,
)
from app.rules.operator.searches import (
    containing,
    ending_with,
    equal_to,
    matching,
    starting_with,
)
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

_CACHED: Final = 512
LONGEST_PATTERN: Final = 200


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition ready to run; `is_certain` where no score and no screening decides it."""

    source: str
    run: Program
    is_certain: bool


@lru_cache(maxsize=_CACHED)
def compiled(source: str) -> Condition:
    """Return the program of a condition; ConditionError on the first fault, with its place."""
    compiler = _Compiler()
    return Condition(source, compiler.truth(parse(source)), compiler.is_certain)


class _Compiler:
    """Checks types from the leaves up and builds closures on the way."""

    def __init__(self) -> None:
        self.is_certain = True

    def truth(self, node: Node) -> Program:
        """Return the program of what is true or false."""
        match node:
            case Junction():
                parts = [self.truth(part) for part in node.parts]
                return all_of(parts) if node.word == "and" else any_of(parts)
            case Negation():
                return negated(self.truth(node.inner))
            case Comparison():
                return self._comparison(node)
            case Call() if node.function == HAS:
                return is_there(self._field(self._named(node)))
            case Name():
                wanted = self._field(node)
                if wanted.type is FieldType.TRUTH:
                    return has_value(wanted, wanted=True)
            case _:
                pass
        raise ConditionError(
            "此处应是一个能判断真假的条件", "A condition that is true or false is expected here",
            node.span,
        )  # fmt: skip

    def _comparison(self, node: Comparison) -> Program:
        left = node.left
        if isinstance(left, Call):
            return self._numeric(node, self._number(left))
        if not isinstance(left, Name):
            raise ConditionError(
                "比较的左边须是字段或函数", "The left side is a field or a function", left.span
            )
        wanted = self._field(left)
        if wanted.type is FieldType.NUMBER:
            return self._numeric(node, number_of(wanted))
        if wanted.type is FieldType.TRUTH:
            return self._truth_test(node, wanted)
        return self._textual(node, wanted)

    def _numeric(self, node: Comparison, number: Numbers) -> Program:
        if node.operator == "in":
            chosen = frozenset(_whole(item) for item in self._items(node.right))
            return compared(number, lambda value: value in chosen)
        tests: dict[str, Callable[[int, int], bool]] = {
            "==": int.__eq__, "!=": int.__ne__, "<": int.__lt__, "<=": int.__le__,
            ">": int.__gt__, ">=": int.__ge__,
        }  # fmt: skip
        test = tests.get(node.operator)
        if test is None:
            raise _no_such_operator(node, "数字", "a number")
        against = _whole(node.right)
        return compared(number, lambda value: test(value, against))

    def _truth_test(self, node: Comparison, wanted: Field) -> Program:
        if node.operator not in ("==", "!="):
            raise _no_such_operator(node, "真假值", "a truth value")
        right = node.right
        if not isinstance(right, Literal) or not isinstance(right.value, bool):
            raise ConditionError("此处应是 true 或 false", "true or false is expected", right.span)
        return has_value(wanted, wanted=right.value is (node.operator == "=="))

    def _textual(self, node: Comparison, wanted: Field) -> Program:
        if node.operator == "in":
            chosen = frozenset(_text(item, wanted) for item in self._items(node.right))
            return some_place(wanted, lambda value: (0, len(value)) if value in chosen else None)
        if node.operator == "matches":
            return some_place(wanted, _pattern(node.right))
        against = _text(node.right, wanted if node.operator in ("==", "!=") else None)
        if node.operator == "!=":
            return negated(some_place(wanted, equal_to(against)))
        tests: dict[str, Callable[[str], Test]] = {
            "==": equal_to, "contains": containing,
            "starts_with": starting_with, "ends_with": ending_with,
        }  # fmt: skip
        if node.operator not in tests:
            raise _no_such_operator(node, "文字", "a text")
        return some_place(wanted, tests[node.operator](against))

    def _number(self, call: Call) -> Numbers:
        if call.function == LENGTH:
            wanted = self._field(self._named(call))
            if wanted.type is not FieldType.TEXT:
                raise ConditionError("length 只用于文字字段", "length is of texts", call.span)
            return length_of(wanted)
        counting = COUNTING.get(call.function)
        if counting is None:
            known = ", ".join([HAS, LENGTH, *COUNTING])
            raise ConditionError(
                f"没有函数 {call.function}；可用：{known}",
                f"There is no function {call.function}; known: {known}", call.span,
            )  # fmt: skip
        argument = call.argument
        if not isinstance(argument, Literal) or argument.value not in counting.values:
            known = ", ".join(counting.values)
            raise ConditionError(f"须为其中之一：{known}", f"One of: {known}", argument.span)
        self.is_certain = False
        of = str(argument.value)

        def number(facts: Facts, trace: Trace) -> int | None:
            found = counting.read(facts, of)
            if isinstance(found, Unknown):
                trace.missing.append(found)
                return None
            return found

        return number

    def _field(self, name: Name) -> Field:
        found = FIELDS.get(name.name)
        if found is None:
            raise ConditionError(
                f"没有字段 {name.name}", f"There is no field {name.name}", name.span
            )
        return found

    def _named(self, call: Call) -> Name:
        if not isinstance(call.argument, Name):
            raise ConditionError("括号中须是字段名", "A field is expected in brackets", call.span)
        return call.argument

    def _items(self, operand: Operand) -> tuple[Literal, ...]:
        if not isinstance(operand, Items):
            raise ConditionError(
                'in 的右边须是列表，如 ["a", "b"]', 'in needs a list, like ["a", "b"]', operand.span
            )
        return operand.items


def _text(operand: Operand, of: Field | None) -> str:
    """Return a text in quotes; of a field with a closed set, only what is in it."""
    if not isinstance(operand, Literal) or not isinstance(operand.value, str):
        raise ConditionError(
            "此处应是引号中的文字", "A text in quotation marks is expected", operand.span
        )
    if not operand.value:
        raise ConditionError("文字不能为空", "The text must not be empty", operand.span)
    if of is not None and of.values and operand.value not in of.values:
        known = ", ".join(of.values)
        raise ConditionError(
            f"{of.name} 只能是：{known}", f"{of.name} is one of: {known}", operand.span
        )
    return operand.value


def _whole(operand: Operand) -> int:
    if (
        not isinstance(operand, Literal)
        or isinstance(operand.value, bool)
        or not isinstance(operand.value, int)
    ):
        raise ConditionError("此处应是整数", "A whole number is expected here", operand.span)
    return operand.value


def _no_such_operator(node: Comparison, zh: str, en: str) -> ConditionError:
    return ConditionError(
        f"{node.operator} 不能用于{zh}", f"{node.operator} is not for {en}", node.span
    )


def _pattern(operand: Operand) -> Test:
    source = _text(operand, None)
    if len(source) > LONGEST_PATTERN:
        raise ConditionError(
            f"表达式最多 {LONGEST_PATTERN} 个字符",
            f"An expression has at most {LONGEST_PATTERN} characters", operand.span,
        )  # fmt: skip
    try:
        return matching(source)
    except ValueError as error:
        raise ConditionError(
            f"表达式无效（RE2）：{error}", f"Not an expression of RE2: {error}", operand.span
        ) from error
