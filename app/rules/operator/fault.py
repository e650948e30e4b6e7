"""What is wrong with a condition, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in both languages; `span` is a half-open range of the condition's code points."""

    zh: str
    en: str
    span: tuple[int, int]


class ConditionError(ValueError):
    """A condition that cannot be used; `fault` says why."""

    def __init__(self, zh: str, en: str, span: tuple[int, int]) -> None:
        super().__init__(f"{en} / {zh}")
        self.fault = Fault(zh, en, span)
