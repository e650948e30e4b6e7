"""`popgate staff list`: everybody in the console, with roles, state and second factor."""

import argparse
import asyncio
import json
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from app.staff.roles import StaffMember


def run(args: argparse.Namespace) -> int:
    """Print a line a person, by sign-in name."""
    people = asyncio.run(everybody(Settings()))
    if args.json:
        print(json.dumps([_row(one) for one in people], ensure_ascii=False, indent=2))
        return 0
    for one in people:
        print(_line(one))
    if not people:
        print("尚无人员。请运行 popgate staff add。 Nobody yet; run popgate staff add.")
    return 0


async def everybody(settings: Settings) -> "list[StaffMember]":
    """Return every person, by sign-in name."""
    from app.clock import SystemClock
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.providers.repository import holds_key
    from app.staff.passwords import Passwords
    from app.staff.service import Staff

    await require_newest(settings.database)
    database = Database(settings.database)
    try:
        return await Staff(database, SystemClock(), Passwords(), holds_key).everybody()
    finally:
        await database.close()


def _line(one: "StaffMember") -> str:
    roles = ",".join(sorted(one.roles))
    factor = (
        "两步验证已启用 second factor on" if one.factor_since else "无两步验证 no second factor"
    )
    state = "已停用 disabled" if one.disabled_at else "在用 in use"
    if one.must_change_password and not one.disabled_at:
        state = "一次性密码未改 one-time password"
    return f"{one.username:<20} {roles:<24} {state:<30} {factor}"


def _row(one: "StaffMember") -> dict[str, object]:
    return {
        "id": one.id,
        "username": one.username,
        "name": one.name,
        "roles": sorted(one.roles),
        "disabled": one.disabled_at is not None,
        "one_time_password": one.must_change_password,
        "second_factor_since": one.factor_since.isoformat() if one.factor_since else None,
    }
