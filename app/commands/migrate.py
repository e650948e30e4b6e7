"""`popgate migrate`: brings the database to the newest revision, checks it, or steps it down."""

import argparse
import asyncio

from app.db.revisions import current_revision, newest_revision, step_down, upgrade
from app.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Migrate the database of the settings; with `--check`, return 1 unless it is up to date."""
    url = Settings().database
    if args.check:
        return _check(url)
    before = asyncio.run(current_revision(url))
    if args.down_to:
        step_down(url, args.down_to)
    else:
        upgrade(url)
    after = asyncio.run(current_revision(url))
    if before == after:
        print(f"数据库结构已是 {after}，无需改动。 The database was at {after} already.")
    else:
        print(f"数据库结构：{before} → {after}。 The database went from {before} to {after}.")
    return 0


def _check(url: str) -> int:
    current, newest = asyncio.run(current_revision(url)), newest_revision()
    if current == newest:
        print(f"数据库结构为最新：{current}。 The database is up to date: {current}.")
        return 0
    print(f"数据库结构为 {current}，应为 {newest}：请运行 popgate migrate。")
    print(f"The database is at {current}, this version wants {newest}: run popgate migrate.")
    return 1
