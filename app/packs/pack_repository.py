"""Reading and writing rule packs, their items and their activations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.session import Tx
from app.packs.content import Item, ItemKind
from app.packs.models import (
    rule_pack_activations,
    rule_pack_editors,
    rule_pack_items,
    rule_packs,
)
from app.packs.states import OPEN, PackState


@dataclass(frozen=True, slots=True)
class RulePack:
    """One version of the operator's changes; `digest` is that of its items at `revision`."""

    id: str
    number: int
    title: str
    note: str
    state: PackState
    revision: int
    digest: str
    created_by: str
    created_at: datetime
    edited_by: str
    edited_at: datetime
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    approved_over: str | None = None
    published_by: str | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Activation:
    """One change of what is in force; `pack_id` is None for the shipped lists alone."""

    number: int
    pack_id: str | None
    replaced_id: str | None
    kind: str
    forced: bool
    reason: str
    by: str
    at: datetime


PUBLISH: Final = "publish"
ROLLBACK: Final = "rollback"


def insert_pack(tx: Tx, pack: RulePack) -> None:
    """Store a new pack."""
    tx.execute(rule_packs.insert().values(**_values(pack)))


def update_pack(tx: Tx, pack: RulePack) -> None:
    """Store a pack as it now is."""
    tx.execute(rule_packs.update().where(rule_packs.c.id == pack.id).values(**_values(pack)))


def next_number(tx: Tx) -> int:
    """Return the number of the next pack."""
    return (tx.execute(select(func.max(rule_packs.c.number))).scalar_one() or 0) + 1


def pack_by_id(tx: Tx, pack_id: str) -> RulePack | None:
    """Return a pack, locked where the database can."""
    return _one(tx, rule_packs.c.id == pack_id, lock=True)


def active_pack(tx: Tx) -> RulePack | None:
    """Return the pack in force, None for the shipped lists alone."""
    return _one(tx, rule_packs.c.slot == "active")


def staged_pack(tx: Tx) -> RulePack | None:
    """Return the pack that workers are to have ready."""
    return _one(tx, rule_packs.c.state == PackState.STAGED.value)


def open_pack(tx: Tx) -> RulePack | None:
    """Return the pack that is being worked on."""
    return _one(tx, rule_packs.c.slot == "open")


def packs(tx: Tx, limit: int = 100) -> list[RulePack]:
    """Return the newest packs first."""
    query = select(rule_packs).order_by(rule_packs.c.number.desc()).limit(limit)
    return [_pack(row) for row in tx.execute(query)]


def items_of(tx: Tx, pack_id: str) -> list[Item]:
    """Return every item of a pack."""
    query = select(rule_pack_items).where(rule_pack_items.c.pack_id == pack_id)
    return [Item(ItemKind(row.kind), row.list_id, row.name, row.value) for row in tx.execute(query)]


def limit_items(tx: Tx) -> dict[str, list[Item]]:
    """Return what each pack says about numbers, by the pack's id."""
    query = select(rule_pack_items).where(rule_pack_items.c.kind == ItemKind.LIMIT.value)
    found: dict[str, list[Item]] = {}
    for row in tx.execute(query):
        item = Item(ItemKind.LIMIT, row.list_id, row.name, row.value)
        found.setdefault(row.pack_id, []).append(item)
    return found


def insert_items(tx: Tx, pack_id: str, items: Iterable[Item]) -> None:
    """Store items of a pack, in place of those about the same."""
    rows = [
        {
            "pack_id": pack_id,
            "kind": item.kind.value,
            "list_id": item.list_id,
            "name": item.name,
            "value": dict(item.value),
        }
        for item in items
    ]
    if rows:
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        statement = insert(rule_pack_items)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["pack_id", "kind", "list_id", "name"],
                set_={"value": statement.excluded.value},
            ),
            rows,
        )


def delete_item(tx: Tx, pack_id: str, item: tuple[ItemKind, str, str]) -> bool:
    """Drop what a pack says about one thing; tell whether it said anything."""
    kind, list_id, name = item
    done = tx.execute(
        delete(rule_pack_items).where(
            rule_pack_items.c.pack_id == pack_id,
            rule_pack_items.c.kind == kind.value,
            rule_pack_items.c.list_id == list_id,
            rule_pack_items.c.name == name,
        )
    )
    return bool(done.rowcount)


def note_editor(tx: Tx, pack_id: str, staff_id: str) -> None:
    """Remember who changed a pack."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(rule_pack_editors).values(pack_id=pack_id, staff_id=staff_id)
    tx.execute(statement.on_conflict_do_nothing())


def editors(tx: Tx, pack_id: str) -> frozenset[str]:
    """Return everybody who changed a pack."""
    query = select(rule_pack_editors.c.staff_id).where(rule_pack_editors.c.pack_id == pack_id)
    return frozenset(tx.execute(query).scalars())


def insert_activation(tx: Tx, activation: Activation) -> None:
    """Store what was put in force."""
    values = {name: getattr(activation, name) for name in Activation.__slots__}
    tx.execute(rule_pack_activations.insert().values(**values))


def activations(tx: Tx, limit: int = 100) -> list[Activation]:
    """Return the newest activations first."""
    table = rule_pack_activations
    query = select(table).order_by(table.c.number.desc()).limit(limit)
    return [
        Activation(*(getattr(row, name) for name in Activation.__slots__))
        for row in tx.execute(query)
    ]


def _one(tx: Tx, where: Any, *, lock: bool = False) -> RulePack | None:  # noqa: ANN401 - a clause
    query = select(rule_packs).where(where)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _pack(row)


def _values(pack: RulePack) -> dict[str, Any]:
    values = {name: getattr(pack, name) for name in RulePack.__slots__}
    slot = "open" if pack.state in OPEN else None
    values["slot"] = "active" if pack.state is PackState.ACTIVE else slot
    values["state"] = pack.state.value
    return values


def _pack(row: Row[Any]) -> RulePack:
    values = {name: getattr(row, name) for name in RulePack.__slots__}
    values["state"] = PackState(row.state)
    return RulePack(**values)
