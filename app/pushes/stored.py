"""How facts and decisions are stored, so that a decision can be computed again."""

from dataclasses import fields
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.domain.decision import Decision, Finding, Topic, Verdict
from app.domain.facts import Facts
from app.domain.worked_out import WorkedOut
from app.pushes.canonical import push_bytes

_FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)
_NAMES: Final = tuple(field.name for field in fields(Facts))
# What is one object for as long as its version is in force; half of the bytes.
_LASTING: Final = ("provider", "limits", "caps")


def facts_bytes(facts: Facts) -> bytes:
    """Return the stored form of facts; `facts_from` gives back an equal value."""
    value = {name: getattr(facts, name) for name in _NAMES}
    for name in _LASTING:
        value[name] = _once(value[name])
    value["push"] = orjson.Fragment(push_bytes(facts.push))
    return _json(value)


@WorkedOut
def _once(value: object) -> orjson.Fragment:
    """Return the bytes of what the facts of many pushes share, written once."""
    return orjson.Fragment(_json(value))


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def facts_from(data: bytes) -> Facts:
    """Read stored facts."""
    return _FACTS.validate_json(data)


def versions_in(data: bytes) -> dict[str, str]:
    """Return the versions that stored facts name: rule set, rule pack, lists and policy."""
    versions: dict[str, str] = orjson.loads(data)["versions"]
    return versions


def decision_from(data: bytes) -> Decision:
    """Read a decision from its canonical bytes (`app.rules.engine.encode`)."""
    value = orjson.loads(data)
    return Decision(
        verdict=Verdict(value["verdict"]),
        rule_set=value["rule_set"],
        rule_pack=value["rule_pack"],
        findings=tuple(_finding(item) for item in value["findings"]),
    )


def _finding(item: dict[str, Any]) -> Finding:
    span = item.pop("span")
    return Finding(
        span=None if span is None else (span[0], span[1]),
        topic=Topic(item.pop("topic")),
        verdict=Verdict(item.pop("verdict")),
        **item,
    )
