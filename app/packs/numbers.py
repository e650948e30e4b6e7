"""Since when each number of the rule pack in force has the value that it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from app.clock import beijing_day
from app.db.session import Tx
from app.domain.facts import Limit
from app.packs import pack_repository as repository
from app.packs.content import LimitEntry
from app.packs.pack_repository import Activation

_ALL: Final = 100_000

Values = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers in force, the version of the rule pack, and the day that each counts from."""

    rule_pack: str
    limits: tuple[Limit, ...]
    since: Mapping[str, date]


def changed_on(tx: Tx) -> dict[str, date]:
    """Return the Beijing day on which publishing or rolling back last changed a number, by name.

    A number that no pack of the operator's ever moved is absent.
    """
    said = {
        pack_id: {item.name: LimitEntry.from_item(item).value for item in items}
        for pack_id, items in repository.limit_items(tx).items()
    }
    return last_changes(repository.activations(tx, _ALL), said)


def last_changes(newest_first: Sequence[Activation], said: Mapping[str, Values]) -> dict[str, date]:
    """Return the day of the newest activation that changed each number; `said` is by pack."""
    found: dict[str, date] = {}
    values: list[Values] = [said.get(one.pack_id or "", {}) for one in newest_first]
    for activation, (after, before) in zip(newest_first, pairwise([*values, {}]), strict=True):
        for name in after.keys() | before.keys():
            if after.get(name) != before.get(name):
                found.setdefault(name, beijing_day(activation.at))
    return found
