"""The numbers of the rule pack, read from `limits.toml`, each with its own source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

from app.domain.facts import Limit
from app.rules.limits import REQUIRED


@dataclass(frozen=True, slots=True)
class LimitsFile:
    """The version that the file names, its numbers, and from which day each is as it is."""

    version: str
    limits: tuple[Limit, ...]
    since: Mapping[str, date]


class LimitsBroken(RuntimeError):  # noqa: N818 - says what is wrong with them
    """The shipped numbers are incomplete or out of bounds; the gateway does not start."""


def load_limits() -> LimitsFile:
    """Read and check the shipped numbers; LimitsBroken names the first fault."""
    text = resources.files("app.packs").joinpath("limits.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    since: dict[str, date] = {row["name"]: row.pop("since") for row in data["limit"]}
    limits = tuple(Limit(**row) for row in data["limit"])
    values = {limit.name: limit.value for limit in limits}
    for required in REQUIRED:
        value = values.get(required.name)
        if value is None or not required.lowest <= value <= required.highest:
            message = f"limits.toml: {required.name} must be {required.lowest}..{required.highest}"
            raise LimitsBroken(message)
    return LimitsFile(str(data["version"]), limits, since)
