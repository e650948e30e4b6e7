"""`popgate replay`: computes stored decisions again and compares (promise 7)."""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass, field

from app.commands.progress import Progress
from app.db.revisions import require_newest
from app.db.session import Database
from app.errors import NotFound, Words
from app.pushes.replay import Replayed, replay_all
from app.settings import Settings


@dataclass(slots=True)
class Tally:
    """What came out: decisions computed again, those that differ, and how many are broken."""

    total: int = 0
    broken: int = 0
    made_with: Counter[str] = field(default_factory=Counter)
    different: list[Replayed] = field(default_factory=list)


def run(args: argparse.Namespace) -> int:
    """Print every difference; 1 when a decision differs under the rule set it was made with."""
    tally = asyncio.run(replayed(Settings(), args.push))
    print("\n".join(report(tally)))
    return 1 if tally.broken else 0


async def replayed(settings: Settings, pushes: list[str]) -> Tally:
    """Compute the decisions of these pushes again, of all if none is named; NotFound."""
    await require_newest(settings.database)
    database, tally = Database(settings.database), Tally()
    try:
        with Progress("复算 replaying") as progress:
            chosen: list[str | None] = [*pushes] or [None]
            for push_id in chosen:
                before = tally.total
                async for one in replay_all(database, push_id):
                    _count(tally, one)
                    progress.reached(tally.total)
                if push_id is not None and tally.total == before:
                    raise NotFound(Words(f"没有推送 {push_id}", f"There is no push {push_id}"))
    finally:
        await database.close()
    return tally


def _count(tally: Tally, one: Replayed) -> None:
    tally.total += 1
    tally.made_with[one.made_with] += 1
    tally.broken += one.is_broken
    if not one.same_bytes:
        tally.different.append(one)


def report(tally: Tally) -> list[str]:
    """Return each difference with both versions, then the counts."""
    lines = []
    for one in tally.different:
        mark = "×" if one.is_broken else "~"
        lines.append(
            f"{mark} {one.push_id} #{one.number}  {one.made_with[:19]} → {one.computed_with[:19]}"
        )
        lines += [f"    {difference}" for difference in one.differences]
        if not one.differences:
            lines.append("    结论相同，字节不同 · same findings, other bytes")
    changed = len(tally.different) - tally.broken
    lines.append(
        f"复算 {tally.total} 条判定：{tally.broken} 条与原规则集下的结论不符，"
        f"{changed} 条因规则集更新而不同 · {tally.total} decisions computed again: "
        f"{tally.broken} broken, {changed} differ under a newer rule set"
    )
    return lines
