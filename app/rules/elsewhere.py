"""Every clause, or part of one, that is not a rule: who sees to it instead."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from app.rules.texts import Language

Texts = Mapping[Language, str]


class Placing(StrEnum):
    """What becomes of a duty that no rule states."""

    ENFORCED = "enforced"
    RECORDED = "recorded"
    SHOWN = "shown"
    REVIEWER = "reviewer"
    PLANNED = "planned"
    NOT_OURS = "not_ours"
    SUPERSEDED = "superseded"


class Source(StrEnum):
    """How well the words of a clause are known."""

    FULL = "full"
    PARTLY = "partly"
    MEMORY = "memory"


class Area(StrEnum):
    """The work to which a duty belongs that the gateway does not meet yet."""

    REGISTERS = "registers"
    SCREENING = "screening"
    FREQUENCY = "frequency"
    REVIEW = "review"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Law:
    """An instrument whose clauses are placed; `in_force` is None for what never came into force.

    `superseded_by` is the id of the instrument that took its place, `repealed` the first day on
    which it no longer held.
    """

    id: str
    title: Texts
    in_force: date | None
    repealed: date | None
    superseded_by: str | None
    binding: bool
    house: bool
    source: Source
    note: Texts | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A duty with its place; `part` is the package of the gateway that sees to it.

    `rules` are the rules that check a part of it, `area` the work that a planned duty belongs to,
    `successor` the clause of the later text. `why` may be empty.
    """

    id: str
    law: Law
    clause: str
    clause_en: str | None
    draft_clause: str | None
    placing: Placing
    part: str | None
    rules: tuple[str, ...]
    area: Area | None
    successor: str | None
    source: Source
    duty: Texts
    where: Texts
    why: Texts | None


_FOLDER: Final = "duties"


@cache
def elsewhere() -> tuple[Elsewhere, ...]:
    """Return every duty, instrument by instrument, read once and never while deciding.

    The files are no part of the rule-set version: they change no verdict. KeyError, ValueError
    or TypeError on a broken file.
    """
    return tuple(duty for law, rows in _files() for duty in _duties(law, rows))


@cache
def laws() -> Mapping[str, Law]:
    """Return every instrument that has duties here by its id, in the order of the matrix."""
    return {law.id: law for law, _ in _files()}


@cache
def _files() -> tuple[tuple[Law, list[dict[str, Any]]], ...]:
    folder = files("app.rules") / _FOLDER
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    tables = [tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in names]
    return tuple((_law(table["law"]), _rows(table)) for table in tables)


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a file; one without a placing takes that of the file's `defaults`."""
    defaults: dict[str, Any] = table.get("defaults", {})
    return [row if "placing" in row else defaults | row for row in table["duties"]]


def _law(table: dict[str, Any]) -> Law:
    note = table.get("note")
    return Law(
        id=table["id"],
        title=_texts(table["title"]),
        in_force=table.get("in_force"),
        repealed=table.get("repealed"),
        superseded_by=table.get("superseded_by"),
        binding=table.get("binding", True),
        house=table.get("house", False),
        source=Source(table["source"]),
        note=None if note is None else _texts(note),
    )


def _duties(law: Law, rows: list[dict[str, Any]]) -> list[Elsewhere]:
    return [_duty(law, row) for row in rows]


def _duty(law: Law, row: dict[str, Any]) -> Elsewhere:
    area, why = row.get("area"), row.get("why")
    return Elsewhere(
        id=row["id"],
        law=law,
        clause=row["clause"],
        clause_en=row.get("clause_en"),
        draft_clause=row.get("draft_clause"),
        placing=Placing(row["placing"]),
        part=row.get("part"),
        rules=tuple(row.get("rules", ())),
        area=None if area is None else Area(area),
        successor=row.get("successor"),
        source=Source(row.get("source", law.source)),
        duty=_texts(row["duty"]),
        where=_texts(row["where"]),
        why=None if why is None else _texts(why),
    )


def _texts(table: dict[str, str]) -> Texts:
    return {language: table[language.value] for language in Language}
