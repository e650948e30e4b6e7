"""What Pydantic found wrong, as JSON pointers, stable codes and words in zh and en."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from app.errors import FieldProblem, Invalid, Malformed, Words

Model = TypeVar("Model", bound=BaseModel)

# Where FastAPI says that a parameter came from; the body needs no such word.
_PLACES: Final = {"body": "", "query": "/query", "path": "/path", "header": "/headers"}
# Below these keys Pydantic names the member of a tagged union that it tried; JSON has no such step.
_TAGGED: Final = frozenset({"audience"})

_OTHER: Final = ("invalid_value", Words("此字段不合要求", "This field does not meet its schema"))

_WORDS: Final[Mapping[str, tuple[str, Words]]] = {
    "missing": ("missing", Words("缺少必填字段", "This field is required")),
    "extra_forbidden": ("unknown_field", Words("没有这个字段", "There is no such field")),
    "string_type": ("wrong_type", Words("须为字符串", "This has to be a string")),
    "int_type": ("wrong_type", Words("须为整数", "This has to be an integer")),
    "int_parsing": ("wrong_type", Words("须为整数", "This has to be an integer")),
    "int_from_float": ("wrong_type", Words("须为整数", "This has to be an integer")),
    "int_parsing_size": ("out_of_range", Words("整数过大", "The integer is too large")),
    "float_type": ("wrong_type", Words("须为数值", "This has to be a number")),
    "float_parsing": ("wrong_type", Words("须为数值", "This has to be a number")),
    "finite_number": ("wrong_type", Words("须为有限数值", "This has to be a finite number")),
    "bool_type": ("wrong_type", Words("须为 true 或 false", "This has to be true or false")),
    "bool_parsing": ("wrong_type", Words("须为 true 或 false", "This has to be true or false")),
    "list_type": ("wrong_type", Words("须为数组", "This has to be an array")),
    "tuple_type": ("wrong_type", Words("须为数组", "This has to be an array")),
    "set_type": ("wrong_type", Words("须为数组", "This has to be an array")),
    "dict_type": ("wrong_type", Words("须为对象", "This has to be an object")),
    "model_type": ("wrong_type", Words("须为对象", "This has to be an object")),
    "model_attributes_type": ("wrong_type", Words("须为对象", "This has to be an object")),
    "none_required": ("wrong_type", Words("须为 null", "This has to be null")),
    "string_too_long": (
        "too_long",
        Words("最多 {max_length} 个字符", "At most {max_length} characters"),
    ),
    "string_too_short": (
        "too_short",
        Words("至少 {min_length} 个字符", "At least {min_length} characters"),
    ),
    "too_long": ("too_many", Words("最多 {max_length} 项", "At most {max_length} items")),
    "too_short": ("too_few", Words("至少 {min_length} 项", "At least {min_length} items")),
    "greater_than_equal": ("out_of_range", Words("不得小于 {ge}", "This has to be at least {ge}")),
    "greater_than": ("out_of_range", Words("须大于 {gt}", "This has to be above {gt}")),
    "less_than_equal": ("out_of_range", Words("不得大于 {le}", "This has to be at most {le}")),
    "less_than": ("out_of_range", Words("须小于 {lt}", "This has to be below {lt}")),
    "enum": ("not_one_of", Words("须为以下之一：{expected}", "This has to be one of {expected}")),
    "literal_error": (
        "not_one_of",
        Words("须为以下之一：{expected}", "This has to be one of {expected}"),
    ),
    "union_tag_invalid": (
        "not_one_of",
        Words("须为以下之一：{expected_tags}", "This has to be one of {expected_tags}"),
    ),
    "union_tag_not_found": ("missing", Words("缺少必填字段", "This field is required")),
}

_EXPLAINED: dict[str, tuple[str, Words]] = {}


def explained_pattern(pattern: str, code: str, words: Words) -> str:
    """Remember what to say when a string does not match `pattern`, and return the pattern."""
    _EXPLAINED[pattern] = (code, words)
    return pattern


def refuse(code: str, zh: str, en: str) -> PydanticCustomError:
    """Return the error that a validator raises to name its own code and words."""
    return PydanticCustomError("popgate", "{en}", {"code": code, "zh": zh, "en": en})


def parse_json(model: type[Model], body: bytes) -> Model:
    """Read `body` as `model`.

    Raises Malformed, with the position, for what is not JSON in UTF-8, and Invalid, with a
    pointer for every problem, for what does not meet the model.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise as_refusal(error, body) from None


def as_refusal(error: ValidationError, body: bytes) -> Malformed | Invalid:
    """Return what to tell the caller about `error`, which arose from reading `body`."""
    found = error.errors(include_url=False, include_input=False)
    if found and found[0]["type"] == "json_invalid":
        return _unreadable(str(found[0]["ctx"]["error"]), body)
    return Invalid(problems=field_problems(found))


def field_problems(
    found: Iterable[Mapping[str, Any]], *, placed: bool = False
) -> tuple[FieldProblem, ...]:
    """Return one problem for each error in the form of `ValidationError.errors()`.

    `placed` errors are FastAPI's, whose first step says where a parameter came from.
    """
    return tuple(_problem(one, placed=placed) for one in found)


def pointer_token(name: object) -> str:
    """Return one step of a JSON pointer (RFC 6901) with its separator."""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def _problem(found: Mapping[str, Any], *, placed: bool) -> FieldProblem:
    kind, context = str(found["type"]), found.get("ctx") or {}
    pointer = _pointer(tuple(found["loc"]), placed=placed)
    if kind == "popgate":
        return FieldProblem(pointer, context["code"], Words(context["zh"], context["en"]))
    if kind == "string_pattern_mismatch":
        code, words = _EXPLAINED.get(str(context["pattern"]), _OTHER)
        return FieldProblem(pointer, code, words)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        pointer += "/kind"
    code, words = _WORDS.get(kind, _OTHER)
    said = Words(_filled(words.zh, context, "、"), _filled(words.en, context, ", "))
    return FieldProblem(pointer, code, said)


def _filled(template: str, context: Mapping[str, Any], separator: str) -> str:
    """Fill in Pydantic's figures; its lists read "'a', 'b' or 'c'", which is English."""
    for name, value in context.items():
        if name in {"expected", "expected_tags"}:
            value = separator.join(re.findall(r"'([^']*)'", str(value)))  # noqa: PLW2901
        template = template.replace("{" + name + "}", str(value))
    return template


def _pointer(steps: tuple[int | str, ...], *, placed: bool) -> str:
    pointer, rest = ("", steps)
    if placed and steps:
        pointer, rest = _PLACES.get(str(steps[0]), ""), steps[1:]
    skip = False
    for step in rest:
        if skip:
            skip = False
            continue
        pointer += pointer_token(step)
        skip = step in _TAGGED
    return pointer


def _unreadable(reason: str, body: bytes) -> Malformed | Invalid:
    lone = _lone_surrogate(body)
    if lone is not None:
        return Invalid(problems=(lone,))
    place = re.search(r" at line (\d+) column (\d+)$", reason)
    line, column = (int(place[1]), int(place[2])) if place else (1, 0)
    what = reason[: place.start()] if place else reason
    return Malformed(
        Words(
            f"不是有效的 UTF-8 JSON：第 {line} 行第 {column} 列",
            f"Not JSON in UTF-8, line {line} column {column}: {what}",
        ),
        extra={"line": line, "column": column},
    )


def _lone_surrogate(body: bytes) -> FieldProblem | None:
    """Return where an escaped half of a character stands, which JSON allows and text does not."""
    if rb"\u" not in body:
        return None
    try:
        # Looking takes more frames than reading: what is nested too deep may fail in either.
        pointer = next(_broken(json.loads(body), ""), None)
    except (ValueError, RecursionError):
        return None
    if pointer is None:
        return None
    return FieldProblem(
        pointer,
        "lone_surrogate",
        Words("含有不成对的代理项（半个字符）", "This has a lone surrogate, half a character"),
    )


def _broken(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, str):
        if _is_broken(value):
            yield pointer
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _broken(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, item in value.items():
            if _is_broken(name):
                yield pointer
            yield from _broken(item, pointer + pointer_token(name))


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
