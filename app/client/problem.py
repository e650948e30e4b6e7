"""A refusal of the gateway as an exception, with its code and the fields that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Field:
    """What is wrong with one field: JSON pointer, stable code, words in both languages."""

    pointer: str
    code: str
    zh: str
    en: str


class ProblemError(Exception):
    """The gateway answered with problem details (RFC 9457).

    `code` is stable; `zh` and `en` say what happened; `retry_after` is in seconds where the
    gateway named a time; `details` are all members of the problem.
    """

    def __init__(self, status: int, details: Mapping[str, Any]) -> None:
        """Take the members of the problem; those that are missing stay empty."""
        message = details.get("message", {})
        self.status = status
        self.code = str(details.get("code", f"http_{status}"))
        self.zh = str(message.get("zh", ""))
        self.en = str(message.get("en", details.get("detail", "")))
        self.fields: Sequence[Field] = tuple(
            Field(one["pointer"], one["code"], one["message"]["zh"], one["message"]["en"])
            for one in details.get("errors", ())
        )
        self.retry_after: int | None = details.get("retry_after")
        self.details = dict(details)
        super().__init__(f"{status} {self.code}: {self.en} {self._named()}".rstrip())

    def _named(self) -> str:
        return "; ".join(f"{field.pointer}: {field.en}" for field in self.fields)

    @classmethod
    def from_body(cls, status: int, body: object) -> Self:
        """Return the error for an answer; `body` may be anything, a proxy's page for one."""
        return cls(status, body if isinstance(body, Mapping) else {})
