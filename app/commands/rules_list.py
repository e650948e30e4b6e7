"""`popgate rules list`: the clause matrix, of rules in force and of duties placed elsewhere."""

import argparse
import json
from typing import Any

from app.clock import SystemClock, beijing_day
from app.rules.catalogue import CATALOGUE
from app.rules.matrix import elsewhere_matrix, rules_matrix
from app.rules.version import rule_set_version


def run(args: argparse.Namespace) -> int:
    """Print every rule in force today, then every duty that is no rule and where it is met."""
    day = beijing_day(SystemClock().now())
    rules = rules_matrix(rule for rule in CATALOGUE if rule.in_force_on(day))
    elsewhere = elsewhere_matrix()
    version = rule_set_version()
    if args.json:
        found = {"rule_set": version, "items": rules, "elsewhere": elsewhere}
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print("\n".join(listing(rules, elsewhere, version)))
    return 0


def listing(
    rules: list[dict[str, Any]], elsewhere: list[dict[str, Any]], version: str
) -> list[str]:
    """Return the matrix as lines: per rule its verdict, clause, and the clause in plain words."""
    lines = [f"现行规则 {len(rules)} 条 · {len(rules)} rules in force · {version}", ""]
    for rule in rules:
        citation = rule["citation"]
        head = f"{rule['id']}  [{rule['on_breach']}]  {_cited(citation)}  {citation['in_force']}"
        lines += [head, *_both(rule["clause"])]
    count = len(elsewhere)
    lines += ["", f"不由规则执行的条款 {count} 项 · {count} duties that are no rule"]
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


def _gone(citation: dict[str, Any]) -> str:
    if citation["superseded_by"] is None:
        return ""
    return f"（已被替代 replaced by {citation['superseded_by']}）"


def _both(words: dict[str, str]) -> list[str]:
    return [f"    {words['zh']}", f"    {words['en']}"]


def _cited(citation: dict[str, Any]) -> str:
    house = "（产品规则 house policy）" if citation["house"] else ""
    return f"《{citation['instrument']}》{citation['clause']}{house}"
