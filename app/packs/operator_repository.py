"""Reading and writing versions of the operator's own rules."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.domain.decision import Topic, Verdict
from app.domain.operator import OperatorMode, OperatorRule
from app.packs.models import operator_rule_sets


@dataclass(frozen=True, slots=True)
class RuleSetVersion:
    """All rules of one version; `state` is draft, active, superseded or discarded.

    `editors` are all who changed it while it was a draft, whoever proposed it included;
    `restores` is the id of the earlier version that came back as this one.
    """

    id: str
    number: int
    rules: tuple[OperatorRule, ...]
    state: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    editors: tuple[str, ...]
    approved_by: str | None
    approved_at: datetime | None
    restores: str | None = None

    def rule(self, rule_id: str) -> OperatorRule | None:
        """Return one of its rules."""
        return next((one for one in self.rules if one.id == rule_id), None)


def insert_rule_set(tx: Tx, version: RuleSetVersion) -> None:
    """Store a version."""
    values = {name: getattr(version, name) for name in RuleSetVersion.__dataclass_fields__}
    values |= {"rules": _json(version.rules), "editors": list(version.editors)}
    tx.execute(operator_rule_sets.insert(), [values])


def next_number(tx: Tx) -> int:
    """Return the number of the next version."""
    return (tx.execute(select(func.max(operator_rule_sets.c.number))).scalar_one() or 0) + 1


def rule_set_by_id(tx: Tx, set_id: str) -> RuleSetVersion | None:
    """Return a version, locked where the database can."""
    query = select(operator_rule_sets).where(operator_rule_sets.c.id == set_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _version(row)


def rule_set_in_state(tx: Tx, state: str) -> RuleSetVersion | None:
    """Return the version in force (`active`) or being worked on (`draft`)."""
    query = select(operator_rule_sets).where(operator_rule_sets.c.state == state)
    row = tx.execute(query).one_or_none()
    return None if row is None else _version(row)


def rule_sets(tx: Tx, limit: int = 50) -> list[RuleSetVersion]:
    """Return the newest versions first."""
    query = select(operator_rule_sets).order_by(operator_rule_sets.c.number.desc()).limit(limit)
    return [_version(row) for row in tx.execute(query)]


def change_rules(
    tx: Tx, set_id: str, rules: Iterable[OperatorRule], reason: str, editors: Iterable[str]
) -> None:
    """Replace the rules of a draft, its reason and who worked on it."""
    tx.execute(
        operator_rule_sets.update()
        .where(operator_rule_sets.c.id == set_id)
        .values(rules=_json(rules), reason=reason, editors=list(editors))
    )


def set_state(tx: Tx, set_id: str, state: str) -> None:
    """Change only the state."""
    tx.execute(
        operator_rule_sets.update().where(operator_rule_sets.c.id == set_id).values(state=state)
    )


def retire_active(tx: Tx) -> None:
    """Let nothing be in force, for the version that comes in the same transaction."""
    tx.execute(
        operator_rule_sets.update()
        .where(operator_rule_sets.c.state == "active")
        .values(state="superseded")
    )


def publish(tx: Tx, set_id: str, by: str, at: datetime) -> None:
    """Put a draft in force; the one before is superseded in the same transaction."""
    retire_active(tx)
    tx.execute(
        operator_rule_sets.update()
        .where(operator_rule_sets.c.id == set_id)
        .values(state="active", approved_by=by, approved_at=at)
    )


def _json(rules: Iterable[OperatorRule]) -> list[dict[str, Any]]:
    return [asdict(rule) for rule in rules]


def _version(row: Row[Any]) -> RuleSetVersion:
    values = {name: getattr(row, name) for name in RuleSetVersion.__dataclass_fields__}
    values |= {
        "rules": tuple(_rule(one) for one in row.rules),
        "editors": tuple(row.editors),
    }
    return RuleSetVersion(**values)


def _rule(value: dict[str, Any]) -> OperatorRule:
    closed = {
        "topic": Topic(value["topic"]),
        "verdict": Verdict(value["verdict"]),
        "mode": OperatorMode(value["mode"]),
    }
    return OperatorRule(**(value | closed))
