"""The words of rules and findings in Chinese and English, rendered from stored codes."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.decision import Finding, Param


class Language(StrEnum):
    """The languages of every text; a folder of that name holds the words."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """What a finding says and how to repair it."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A clause in plain words and what the gateway does about it."""

    clause: str
    action: str


@dataclass(frozen=True, slots=True)
class Wording:
    """All words of one language; `codes` by rule and code, `shared` by code alone.

    `values` has the words for parameters that hold codes, by the parameter's name and the code.
    """

    rules: dict[str, RuleWords]
    codes: dict[tuple[str, str], Words]
    shared: dict[str, Words]
    values: dict[str, dict[str, str]]


UNKNOWN_CODE = "unknown-code"
"""The shared text for a finding of a rule set that this code does not know any more."""


@cache
def wording(language: Language) -> Wording:
    """Return the words of a language, read once; KeyError or TypeError on a broken file."""
    found = Wording({}, {}, {}, {})
    folder = files("app.rules") / "wording" / language.value
    entries = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    for entry in sorted(entries, key=lambda one: one.name):
        _add(found, tomllib.loads(entry.read_text(encoding="utf-8")))
    return found


def render(finding: Finding, language: Language) -> Words:
    """Return message and fix of a finding, its parameters filled in."""
    known = wording(language)
    words = known.codes.get((finding.rule, finding.code)) or known.shared.get(finding.code)
    if words is None:
        words = known.shared[UNKNOWN_CODE]
        params: dict[str, object] = {"rule": finding.rule, "code": finding.code}
    else:
        params = {name: _spoken(known, name, value) for name, value in finding.params.items()}
    return Words(words.message.format_map(params), words.fix.format_map(params))


def _spoken(known: Wording, name: str, value: Param) -> object:
    """Return a value as people read it; codes in a list stand between commas and blanks."""
    words = known.values.get(name)
    if words is None or not isinstance(value, str):
        return value
    return " + ".join(words.get(code, code) for code in value.split(", "))


def _add(found: Wording, table: dict[str, Any]) -> None:
    for rule, words in table.get("rules", {}).items():
        found.rules[rule] = RuleWords(words["clause"], words["action"])
        for code, texts in words.get("codes", {}).items():
            found.codes[rule, code] = Words(**texts)
    for code, texts in table.get("shared", {}).items():
        found.shared[code] = Words(**texts)
    found.values.update(table.get("values", {}))
