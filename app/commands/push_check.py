"""`popgate push check`: decides on a push as submitting it now would, and leaves no trace."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from app.bootstrap import load_screener
from app.clock import Clock, SystemClock
from app.commands.refusals import unusable
from app.db.revisions import require_newest
from app.db.session import Database
from app.db.versions import VersionWatch
from app.domain.cap_use import CapUse
from app.domain.decision import Decision, Verdict
from app.domain.push import PushRequest
from app.packs.operator_rules import OperatorRules
from app.packs.service import Packs
from app.policy.service import Policies
from app.providers.register import Caller, RegisterSnapshot
from app.providers.service import Register
from app.pushes.cap_warnings import bearing, warning_json
from app.pushes.conversion import received
from app.pushes.deciding import only_decide
from app.pushes.facts import Gatherer, Looking
from app.pushes.history import History
from app.pushes.schemas import PushModel
from app.rules.matrix import decision_json
from app.settings import Settings
from app.validation import parse_json
from app.wire import SINGLE_LIMIT


def run(args: argparse.Namespace) -> int:
    """Print the decision; 1 when the push would be blocked."""
    body = _read(args.file)
    decision, uses = asyncio.run(check(Settings(), body, args.provider))
    shown, warnings = decision_json(decision), [warning_json(use) for use in uses]
    if args.json:
        answer = {"decision": shown, "warnings": warnings}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        told = [f"[warning] {one['says']['zh']} · {one['says']['en']}" for one in warnings]
        print("\n".join([*report(shown), *told]))
    return 1 if decision.verdict is Verdict.BLOCK else 0


async def check(
    settings: Settings, body: bytes, provider_id: str | None
) -> tuple[Decision, list[CapUse]]:
    """Decide on the push in `body` with the data of the configured database.

    Also return the caps that it would count for and that are nearly used up. As `provider_id`, or
    as the owner of the surface that the push names. Raises Invalid like the API, and for a
    provider or a surface that is in no register.
    """
    await require_newest(settings.database)
    clock, database = SystemClock(), Database(settings.database)
    try:
        content = await received(parse_json(PushModel, body), clock.now())
        gatherer = _gatherer(settings, database, clock)
        standing = await gatherer.standing()
        caller = _caller(standing.register, content[0], provider_id)
        decision = only_decide(gatherer, standing, caller, content, clock.now())
        return decision, bearing(standing, content[0], caller.provider_id)
    finally:
        await database.close()


def report(decision: dict[str, Any]) -> list[str]:
    """Return a decision as lines: the verdict, then per finding clause, words, fix and place."""
    verdict = decision["verdict"]
    words = {
        "allow": "放行 allow",
        "hold": "转人工审核 hold: a person decides",
        "block": "拦截 block: it would not get out",
    }
    lines = [f"{words[verdict]}（{len(decision['findings'])} 条发现 findings）"]
    for finding in decision["findings"]:
        citation = finding["citation"]
        clause = "" if citation is None else f"《{citation['instrument']}》{citation['clause']}"
        span = "" if finding["span"] is None else f" {finding['span'][0]}–{finding['span'][1]}"
        lines += [
            f"[{finding['verdict']}] {finding['rule']}  {clause}  {finding['pointer']}{span}",
            f"    {finding['message']['zh']} → {finding['fix']['zh']}",
            f"    {finding['message']['en']} → {finding['fix']['en']}",
        ]
    return [*lines, f"{decision['rule_set']}  {decision['rule_pack']}"]


def _gatherer(settings: Settings, database: Database, clock: Clock) -> Gatherer:
    screener = load_screener(settings)
    watch = VersionWatch(database, clock)
    packs = Packs(database, watch, clock, screener)
    return Gatherer(
        packs,
        OperatorRules(database, watch, clock),
        Policies(database, watch, clock),
        Register(database, watch, clock),
        History(database, clock),
        Looking(pictures=settings.ocr, links=settings.follow_links),
    )


def _caller(register: RegisterSnapshot, request: PushRequest, provider_id: str | None) -> Caller:
    """Return who the push is decided for; nobody's key is needed at the operator's terminal."""
    surface = register.surface(request.surface)
    wanted = provider_id or (None if surface is None else surface.provider_id)
    if wanted is None:
        raise unusable("/surface", "未登记的展示端", "This surface is in no register")
    if register.provider(wanted) is None:
        raise unusable("--provider", "没有这个服务提供者", "There is no such provider")
    return Caller("snd_command_line", "", wanted, "command line", frozenset())


def _read(file: str) -> bytes:
    """Return at most what the API would take, from a file or `-` for standard input."""
    if file == "-":
        body = sys.stdin.buffer.read(SINGLE_LIMIT + 1)
    else:
        try:
            with Path(file).open("rb") as opened:
                body = opened.read(SINGLE_LIMIT + 1)
        except OSError as error:
            raise unusable(file, "无法读取文件", f"Cannot be read: {error.strerror}") from error
    if len(body) > SINGLE_LIMIT:
        raise unusable(file, "文件过大", "The file is too large")
    return body
