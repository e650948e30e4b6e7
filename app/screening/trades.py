"""The trades whose advertisements have rules of their own: declared, or plain from the words."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.domain.registers import AdClass
from app.screening.cues import Cue, CueBook, alternatives
from app.screening.plain import Plain

_TABLE: Final = Path(__file__).resolve().parent / "tables" / "trades.toml"
# Words that must point to a trade where the sender declares another category, and where none.
_AGAINST_CATEGORY: Final = 2
_WITHOUT_CATEGORY: Final = 1


_CLASSES: Final = {
    AdClass.MEDICAL: "medical",
    AdClass.MEDICINE: "medicine",
    AdClass.MEDICAL_DEVICE: "device",
    AdClass.HEALTH_FOOD: "health_food",
    AdClass.SPECIAL_MEDICAL_FOOD: "special_food",
    AdClass.PESTICIDE: "pesticide",
    AdClass.VETERINARY: "pesticide",
    AdClass.FINANCE: "finance",
    AdClass.EDUCATION: "education",
    AdClass.PROPERTY: "property",
}


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade: what a declared category contains that means it, or that means another.

    `certain` are categories that are the very name of the trade.
    """

    name: str
    category: re.Pattern[str]
    never: re.Pattern[str] | None
    certain: re.Pattern[str] | None

    def is_declared_by(self, category: str) -> bool:
        """Say whether a category in the plain reading names this trade."""
        if self.never is not None and self.never.search(category):
            return False
        return self.category.search(category) is not None


def declared_trades(category: str | None, ad_class: AdClass | None) -> dict[str, bool]:
    """Return the trades that a declared category names, and whether it is the very name of one.

    A declared class of advertisement is the very name of its trade.
    """
    plain = Plain.read((category or "").strip()).text
    named = {
        trade.name: trade.certain is not None and trade.certain.fullmatch(plain) is not None
        for trade in _trades()
        if trade.is_declared_by(plain)
    }
    return named if ad_class is None else named | {_CLASSES[ad_class]: True}


def worded_trades(texts: Iterable[Plain], category: str | None) -> frozenset[str]:
    """Return the trades that the words of an advertisement are plainly about."""
    needed = _AGAINST_CATEGORY if category else _WITHOUT_CATEGORY
    words: dict[str, set[str]] = {}
    for plain in texts:
        for met in _words().find("", plain):
            words.setdefault(met.cue.kind, set()).add(met.words)
    return frozenset(trade for trade, found in words.items() if len(found) >= needed)


@cache
def _trades() -> tuple[Trade, ...]:
    return tuple(
        Trade(
            row["name"],
            re.compile(alternatives(row["category"])),
            _optional(row.get("not")),
            _optional(row.get("certain")),
        )
        for row in _rows()
    )


@cache
def _words() -> CueBook:
    return CueBook(
        cue
        for row in _rows()
        for cue in Cue.all_of({"kind": row["name"], "weight": 0, "any": row["any"]})
    )


def _optional(parts: list[str] | None) -> re.Pattern[str] | None:
    return None if parts is None else re.compile(alternatives(parts))


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(_TABLE.read_text("utf-8"))["trade"]
    return rows
