"""Hands the demo's pushes in over HTTP, through the typed client, as any sender would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.client.client import PopgateClient
from app.clock import Clock
from app.demo.cast import DEVICE_RECIPIENTS, PAGE_RECIPIENTS
from app.demo.pushes import PUSHES
from app.demo.wire import DemoPush, DemoSender
from app.domain.decision import Verdict


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of the pushes handed in now, and how many were there from before."""

    held: int
    blocked: int
    known: int


async def submit_missing(
    base_url: str,
    surface_id: str,
    keys: Mapping[DemoSender, str],
    clock: Clock,
    progress: Callable[[int], None],
) -> Submitted:
    """Submit every push of the demo that its provider has not yet submitted.

    `progress` is told how many of all pushes are there. Whatever is left to its reviewers: nothing
    is approved here. Raises ProblemError where the gateway refuses one.
    """
    count = {Verdict.HOLD: 0, Verdict.BLOCK: 0, Verdict.ALLOW: 0}
    known = 0
    for number, push in enumerate(PUSHES, 1):
        async with PopgateClient(base_url, keys[push.sender]) as client:
            verdict = await _submit(client, push, surface_id, clock)
        if verdict is None:
            known += 1
        else:
            count[verdict] += 1
        progress(number)
    return Submitted(count[Verdict.HOLD], count[Verdict.BLOCK], known)


async def _submit(
    client: PopgateClient, push: DemoPush, surface_id: str, clock: Clock
) -> Verdict | None:
    if (await client.find(push.name, limit=1)).items:
        return None
    body = push.on_wire(surface_id, PAGE_RECIPIENTS + DEVICE_RECIPIENTS, clock.now())
    return (await client.submit(body)).decision.verdict
