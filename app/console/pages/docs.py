"""The API reference, drawn by us from the OpenAPI document; public."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render

pages = Pages()

Json = Mapping[str, Any]

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body: its path, type, whether it is required, what it may be."""

    path: str
    kind: str
    is_required: bool
    limits: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of path, query or header."""

    name: str
    place: str
    is_required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What can come back."""

    status: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A call."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    security: str
    parameters: tuple[Parameter, ...]
    fields: tuple[Field, ...]
    example: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Calls that belong together."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class DocsView:
    """The whole reference."""

    version: str
    description: str
    address: str
    sections: tuple[Section, ...]


@pages.get("/docs", Permission.ANYBODY)
async def docs(visit: Visit) -> Response:
    """Show every call of the API."""
    app: Any = visit.request.app
    document: Json = app.openapi()
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = next(iter(methods[method].get("tags", ())), "other")
                found.setdefault(tag, []).append(
                    _operation(document, method, path, methods[method])
                )
    view = DocsView(
        version=document["info"]["version"],
        description=document["info"].get("description", ""),
        address=visit.services.settings.public_url,
        sections=tuple(Section(name, tuple(calls)) for name, calls in found.items()),
    )
    return await render(visit, "docs.html", view)


def _operation(document: Json, method: str, path: str, one: Json) -> Operation:
    body: Json = next(iter(one.get("requestBody", {}).get("content", {}).values()), {})
    return Operation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=one.get("summary", ""),
        description=one.get("description", ""),
        security=_security(one),
        parameters=tuple(_parameter(each) for each in one.get("parameters", ())),
        fields=tuple(_fields(document, body.get("schema", {}))),
        example=_example(body),
        answers=tuple(_answer(status, each) for status, each in one.get("responses", {}).items()),
    )


def _security(one: Json) -> str:
    schemes = [name for each in one.get("security", ()) for name in each]
    return schemes[0] if schemes else "none"


def _parameter(one: Json) -> Parameter:
    return Parameter(one["name"], one["in"], bool(one.get("required")), one.get("description", ""))


def _answer(status: str, one: Json) -> Answer:
    media: Json = next(iter(one.get("content", {}).values()), {})
    return Answer(status, one.get("description", ""), _example(media))


def _example(media: Json) -> str:
    example = media.get("example")
    if example is None:
        example = next((one.get("value") for one in media.get("examples", {}).values()), None)
    return "" if example is None else json.dumps(example, ensure_ascii=False, indent=2)


def _fields(document: Json, schema: Json, path: str = "", depth: int = 0) -> Iterator[Field]:
    """Yield the fields of a schema, those of nested objects after them, down to four levels."""
    whole = _resolved(document, schema)
    required = set(whole.get("required", ()))
    for name, one in whole.get("properties", {}).items():
        held = _resolved(document, one)
        here = f"{path}/{name}"
        inner = _resolved(document, held.get("items", {})) if held.get("type") == "array" else held
        yield Field(here, _kind(held, inner), name in required, _limits(held), _meaning(one, held))
        if depth < _DEEPEST and inner.get("properties"):
            below = f"{here}/*" if held.get("type") == "array" else here
            yield from _fields(document, inner, below, depth + 1)


def _resolved(document: Json, schema: Json) -> Json:
    """Return a schema without a reference around it; of `X or null` it is X."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _resolved(document, document["components"]["schemas"][name])
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        return {**_resolved(document, options[0]), "nullable": True}
    return schema


def _kind(held: Json, inner: Json) -> str:
    kind = str(held.get("type", "any"))
    if kind == "array":
        kind = f"{inner.get('type', 'any')}[]"
    return f"{kind} | null" if held.get("nullable") else kind


def _limits(held: Json) -> str:
    parts = [" | ".join(str(one) for one in held["enum"])] if "enum" in held else []
    names = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern")
    parts += [f"{name} {held[name]}" for name in names if name in held]
    if "const" in held:
        parts.append(str(held["const"]))
    return ", ".join(parts)


def _meaning(one: Json, held: Json) -> str:
    return str(one.get("description") or held.get("description") or "")
