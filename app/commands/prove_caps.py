"""`popgate prove caps`: whatever is killed and lost, no recipient gets more than a cap allows."""

import argparse
import asyncio
import random
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.clock import Clock, SystemClock
from app.commands.progress import Progress
from app.db.revisions import upgrade
from app.proof.caps import (
    CapsPlan,
    CapsRun,
    counted,
    full_caps_plan,
    reconcile_caps,
    small_caps_plan,
    under_use,
)
from app.proof.counts import days_touched
from app.proof.driving import fetch_all, register_all, rule_all, settled, submit_all
from app.proof.gateway import ADMINS, Stage, gateway, set_up, unstarted
from app.proof.killing import dispatchers, disturbed
from app.proof.servers import Servers, servers
from app.settings import Settings

_SETTLES_WITHIN: Final = 7200.0
"""How long a run may take, in seconds; a million decisions on a busy machine take an hour."""


def run(args: argparse.Namespace) -> int:
    """Prove it and print the sums; 1 when one does not hold, 0 when there is no database."""
    if args.postgres is None:
        print("跳过 skipped: 未指定 --postgres · --postgres is not given")
        return 1 if args.required else 0
    plan = small_caps_plan() if args.small else full_caps_plan()
    if args.pushes is not None:
        plan = replace(plan, pushes=args.pushes)
    if args.recipients is not None:
        plan = replace(plan, recipients=args.recipients)
    with tempfile.TemporaryDirectory(prefix="popgate-proof-") as folder:
        rng = random.Random(args.seed)  # noqa: S311 - what is killed when is no secret
        proof = Proof(plan, args.postgres, Path(folder), rng, args.cluster)
        lines, good = asyncio.run(proof.prove())
    text = "\n".join([f"seed {args.seed}; {lines[0]}", *lines[1:]])
    print(text)
    if args.write is not None:
        args.write.write_text(text + "\n", "utf-8")
    return 0 if good else 1


@dataclass
class Proof:
    """One run over an empty PostgreSQL database and counters of its own."""

    plan: CapsPlan
    database: str
    folder: Path
    rng: random.Random
    cluster: bool
    clock: Clock = field(default_factory=SystemClock)

    async def prove(self) -> tuple[list[str], bool]:
        """Run it; return the report and whether everything held."""
        async with servers(self.folder, self.rng, cluster=self.cluster) as counters:
            settings = Settings.model_validate(
                {
                    "data_dir": self.folder,
                    "database_url": self.database,
                    "redis_url": counters.url,
                    "redis_cluster": counters.is_cluster,
                    "undo_seconds": 0,
                    "dispatch_lease_seconds": self.plan.lease_seconds,
                    "mode": "demo",
                }
            )
            await asyncio.to_thread(upgrade, settings.database)
            stage = await set_up(settings)
            await self._publish(settings)
            seen = await self._drive(settings, stage, counters)
        return self._report(seen)

    async def _publish(self, settings: Settings) -> None:
        async with unstarted(settings) as services:
            draft = await services.policies.propose(ADMINS[0], self.plan.caps, "proof")
            await services.policies.approve(draft.id, ADMINS[1])

    async def _drive(self, settings: Settings, stage: Stage, counters: Servers) -> CapsRun:
        """Have everything approved before anything is handed over; then disturb it."""
        plan = self.plan
        async with gateway(settings, self.folder / "gateway.log") as url:
            with Progress("提交 submitting", self.clock) as progress:
                submitted = await submit_all(url, stage, plan, self.clock, progress.reached)
            with Progress("登记接收用户 registering recipients", self.clock) as progress:
                devices = await register_all(url, stage, plan, progress.reached)
            with Progress("审核 ruling", self.clock) as progress:
                await rule_all(url, stage, plan, progress.reached, approve_all=True)
            began = self.clock.now()
            async with dispatchers(settings, plan.dispatchers) as some:
                ids = [one.id for one in submitted]
                with Progress("下发 delivering", self.clock) as progress:
                    async with disturbed(some, counters, self.rng, plan) as done:
                        after = await settled(
                            *(url, stage, ids, plan.pushes, progress.reached),
                            within=_SETTLES_WITHIN,
                        )
            ended = self.clock.now()
            with Progress("取件 fetching", self.clock) as progress:
                got = await fetch_all(url, devices, progress.reached)
                second = await fetch_all(url, devices, lambda _: None)
        again = sum(len(found) for found in second.values())
        return CapsRun(after, got, again, began, ended, days_touched(began, ended), done)

    def _report(self, seen: CapsRun) -> tuple[list[str], bool]:
        plan = self.plan
        where = "3 masters with replicas" if self.cluster else "one server"
        seconds = (seen.ended - seen.began).total_seconds()
        sums = list(reconcile_caps(plan, seen))
        good = all(line.holds for line in sums)
        kills = ", ".join(f"{name} {count}" for name, count in sorted(seen.disturbed.items()))
        out = len(counted(plan, seen))
        size = (
            f"{plan.decisions} decisions: {plan.pushes} pushes to {plan.recipients} recipients, "
            f"{plan.pushes - out} of them left out by a share, {out * plan.recipients} decisions "
            f"of counters under {len(plan.own)} caps of each recipient and {len(plan.together)} of "
            f"all together; {plan.dispatchers} dispatchers with 32 rows at a time, "
            f"counters on {where}"
        )
        lines = [
            size,
            f"  下发 delivering: {seconds:.1f} s, {plan.decisions / seconds:,.0f} decisions/s",
            f"  扰动 disturbed: {kills}",
            "",
            *(line.text() for line in sums),
            f"  {under_use(plan, seen)}",
            "",
            "没有超出上限 · no cap was exceeded" if good else "× 有不符 · NOT proven",
        ]
        return lines, good
