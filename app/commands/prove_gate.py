"""`popgate prove gate`: headlines in, people rule, popups out, and every count adds up."""

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.clock import Clock, SystemClock
from app.commands import audit_verify, replay
from app.commands.progress import Progress
from app.commands.sources_import import Import, import_edition
from app.db.revisions import upgrade
from app.proof.counts import Run, days_touched, reconcile
from app.proof.driving import (
    fetch_all,
    register_all,
    rule_all,
    settled,
    submit_all,
    verdicts,
)
from app.proof.gateway import ADMINS, Stage, gateway, set_up
from app.proof.plan import Plan, full_plan, small_plan
from app.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Prove it and print the sums; 1 when one does not come out, 0 when the files are missing."""
    missing = [] if args.small else list(_missing(args))
    if missing:
        for line in missing:
            print(f"跳过 skipped: {line}")
        return 1 if args.required else 0
    plan = small_plan() if args.small else full_plan(args.headlines, args.sources)
    with tempfile.TemporaryDirectory(prefix="popgate-proof-") as folder:
        lines, good = prove(plan, Path(folder))
    text = "\n".join(lines)
    print(text)
    if args.write is not None:
        args.write.write_text(text + "\n", "utf-8")
    return 0 if good else 1


def prove(plan: Plan, folder: Path) -> tuple[list[str], bool]:
    """Run the plan over an empty folder; return the report and whether everything held."""
    settings = Settings.model_validate({"data_dir": folder, "undo_seconds": 0, "mode": "demo"})
    upgrade(settings.database)
    stage = asyncio.run(set_up(settings))
    wanted = Import(plan.source_list, "proof", ADMINS[0], (), confirm_all=True, second=ADMINS[1])
    imported = asyncio.run(import_edition(settings, wanted))
    seen, seconds = asyncio.run(_drive(settings, stage, plan, SystemClock()))
    sums = reconcile(plan, seen)
    checkpoints = [settings.checkpoints]
    ledger = asyncio.run(audit_verify.verify(settings, checkpoints, every=True))
    tally = asyncio.run(replay.replayed(settings, []))
    units = imported.draft.edition.unit_count
    size = f"{plan.pushes} pushes, {plan.rulings} rulings, {plan.recipients} recipients"
    lines = [
        f"{size}, at most {plan.cap} a day; source list of {units} units",
        *(f"  {name}: {spent:.1f} s" for name, spent in seconds.items()),
        "",
        *(line.text() for line in sums),
        "",
        *audit_verify.report(ledger),
        *replay.report(tally),
    ]
    sealed = not ledger.problems and not ledger.unsealed
    good = all(line.holds for line in sums) and sealed and not tally.broken
    return [*lines, "", "全部相符 · everything adds up" if good else "× 有不符 · NOT proven"], good


async def _drive(
    settings: Settings, stage: Stage, plan: Plan, clock: Clock
) -> tuple[Run, dict[str, float]]:
    """Drive a gateway of its own from outside; return what was seen and what took how long."""
    began, seconds = clock.now(), _Stopwatch(clock)
    async with gateway(settings, settings.data_dir / "gateway.log") as url:
        with seconds.of("提交 submitting") as progress:
            submitted = await submit_all(url, stage, plan, clock, progress.reached)
        with seconds.of("登记接收用户 registering recipients") as progress:
            devices = await register_all(url, stage, plan, progress.reached)
        with seconds.of("审核 ruling") as progress:
            ruled = await rule_all(url, stage, plan, progress.reached)
        with seconds.of("下发 delivering") as progress:
            ids = [one.id for one in submitted]
            after = await settled(url, stage, ids, len(ruled), progress.reached)
        with seconds.of("取件 fetching") as progress:
            got = await fetch_all(url, devices, progress.reached)
            second = await fetch_all(url, devices, lambda _: None)
    again = sum(len(found) for found in second.values())
    seen = Run(submitted, verdicts(ruled), after, got, again, days_touched(began, clock.now()))
    return seen, seconds.spent


class _Stopwatch:
    """Shows the progress of each step and keeps how long it took."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.spent: dict[str, float] = {}

    @contextlib.contextmanager
    def of(self, what: str) -> Iterator[Progress]:
        began = self._clock.monotonic()
        with Progress(what, self._clock) as progress:
            yield progress
        self.spent[what] = self._clock.monotonic() - began


def _missing(args: argparse.Namespace) -> Iterator[str]:
    for option, file in (("--headlines", args.headlines), ("--sources", args.sources)):
        if file is None:
            yield f"未指定 {option}；或用 --small · {option} is not given; or use --small"
        elif not file.is_file():
            yield f"找不到 {file} · there is no file {file}"
