"""`popgate rules list`: the clause matrix: rules in force, duties placed elsewhere, the numbers."""

import argparse
import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

from app.bootstrap import load_screener
from app.clock import SystemClock, beijing_day
from app.db.revisions import is_made, require_newest
from app.db.session import Database
from app.db.versions import VersionWatch
from app.packs.limits import load_limits
from app.packs.numbers import Numbers
from app.packs.service import Packs
from app.rules.catalogue import CATALOGUE
from app.rules.matrix import elsewhere_matrix, limits_matrix, rules_matrix
from app.rules.version import rule_set_version
from app.settings import Settings

Row = dict[str, Any]

_UNITS: Final = {
    "1/100": "/100", "day": " 天 days", "workday": " 个工作日 working days", "kind": " 种 kinds",
    "hour": " 小时 hours", "char": " 字符 characters", "push": " 条 pushes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matrix:
    """All that is listed; `rule_pack` names the data that the numbers are part of."""

    rule_set: str
    rule_pack: str
    rules: list[Row]
    elsewhere: list[Row]
    limits: list[Row]


def run(args: argparse.Namespace) -> int:
    """Print every rule in force today, every duty that is no rule, and every number they read."""
    day = beijing_day(SystemClock().now())
    numbers = asyncio.run(numbers_in_force(Settings()))
    matrix = Matrix(
        rule_set_version(),
        numbers.rule_pack,
        rules_matrix(rule for rule in CATALOGUE if rule.in_force_on(day)),
        elsewhere_matrix(),
        limits_matrix(numbers.limits, numbers.since),
    )
    if args.json:
        found = {
            "rule_set": matrix.rule_set,
            "rule_pack": matrix.rule_pack,
            "items": matrix.rules,
            "elsewhere": matrix.elsewhere,
            "limits": matrix.limits,
        }
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print("\n".join(listing(matrix)))
    return 0


async def numbers_in_force(settings: Settings) -> Numbers:
    """Return the numbers of the rule pack in force; those shipped where no database was made.

    Raises NotMigrated like every command that reads the database.
    """
    if not is_made(settings.database):
        shipped = load_limits()
        return Numbers(shipped.version, shipped.limits, shipped.since)
    await require_newest(settings.database)
    clock, database = SystemClock(), Database(settings.database)
    try:
        watch = VersionWatch(database, clock)
        packs = Packs(database, watch, clock, load_screener(settings))
        await packs.loader.load()
        return await packs.numbers()
    finally:
        await database.close()


def listing(matrix: Matrix) -> list[str]:
    """Return the matrix as lines: per rule its verdict, clause, and the clause in plain words."""
    count = len(matrix.rules)
    lines = [f"现行规则 {count} 条 · {count} rules in force · {matrix.rule_set}", ""]
    for rule in matrix.rules:
        citation = rule["citation"]
        head = f"{rule['id']}  [{rule['on_breach']}]  {_cited(citation)}  {citation['in_force']}"
        lines += [head, *_both(rule["clause"])]
    return [*lines, *_duties(matrix.elsewhere), *_numbers(matrix)]


def _duties(elsewhere: list[Row]) -> list[str]:
    count = len(elsewhere)
    lines = ["", f"不由规则执行的条款 {count} 项 · {count} duties that are no rule"]
    instrument = ""
    for duty in elsewhere:
        citation = duty["citation"]
        if citation["instrument_id"] != instrument:
            instrument = citation["instrument_id"]
            lines += [
                "",
                f"== 《{citation['instrument']}》 · {citation['instrument_en']}{_gone(citation)}",
            ]
        where = {name: f"{text} → {duty['where'][name]}" for name, text in duty["duty"].items()}
        lines += [f"{duty['id']}  [{duty['placing']}]  {_cited(duty['citation'])}", *_both(where)]
    return lines


def _numbers(matrix: Matrix) -> list[str]:
    """Return the numbers as a table of name, value and day, each with its words and its source."""
    count = len(matrix.limits)
    lines = [
        "",
        f"规则所用的数值 {count} 个 · {count} numbers that rules read · {matrix.rule_pack}",
        "",
    ]
    widest = max(len(limit["name"]) for limit in matrix.limits)
    for limit in matrix.limits:
        value = f"{limit['value']}{_UNITS.get(limit['unit'], ' ' + limit['unit'])}"
        house = "（产品规则 house policy）" if limit["house"] else ""
        lines += [
            f"{limit['name']:<{widest}}  {value:<20}  自 since {limit['since']}{house}",
            *_both(limit["says"]),
            f"    依据 source: {limit['source']}",
        ]
    return lines


def _gone(citation: Row) -> str:
    if citation["superseded_by"] is None:
        return ""
    return f"（已被替代 replaced by {citation['superseded_by']}）"


def _both(words: dict[str, str]) -> list[str]:
    return [f"    {words['zh']}", f"    {words['en']}"]


def _cited(citation: Row) -> str:
    house = "（产品规则 house policy）" if citation["house"] else ""
    return f"《{citation['instrument']}》{citation['clause']}{house}"
