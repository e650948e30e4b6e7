"""The vendors' rules that ship, read once from `vendor_quotas.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any

from app.domain.vendor_quotas import AppClass, Effect, QuotaKind, Vendor, VendorRule


@cache
def vendor_rules() -> tuple[VendorRule, ...]:
    """Return every rule of every vendor, those of other days too; ValueError for bad data."""
    file = resources.files("app.delivery").joinpath("vendor_quotas.toml")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(map(_rule, table["rule"]))


def rule_json(rule: VendorRule) -> dict[str, Any]:
    """Return a rule as the API shows it."""
    return asdict(rule)


def _rule(row: Mapping[str, Any]) -> VendorRule:
    app_class = row.get("app_class")
    known = dict(row) | {
        "vendor": Vendor(row["vendor"]),
        "kind": QuotaKind(row["kind"]),
        "app_class": None if app_class is None else AppClass(app_class),
        "effect": Effect(row.get("effect", Effect.DROPPED.value)),
        "repealed": row.get("repealed"),
    }
    return VendorRule(**known)
