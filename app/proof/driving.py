"""Driving a gateway from outside: submitting, ruling through the console's forms, fetching."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from app.client.answers import PushStatus
from app.client.client import PopgateClient
from app.client.device import Device, DeviceClient
from app.client.problem import ProblemError
from app.client.visitor import Page, PageForm, Visitor
from app.clock import Clock
from app.domain.state import PushState
from app.errors import GatewayError, Words
from app.proof.gateway import Stage
from app.proof.plan import Load

A = TypeVar("A")
T = TypeVar("T")
Progress = Callable[[int], None]

_AT_ONCE: Final = 16
_SETTLES_WITHIN: Final = 600.0
_NEW_PASSWORD: Final = "nine slow herons cross 4711"  # noqa: S105 - of people who exist for a minute
_OK: Final = 200
_UNAVAILABLE: Final = 503
_ASKS_AGAIN_AFTER: Final = 0.5
_ASKS_FOR: Final = 300.0
_RULED_ON: Final = frozenset(
    {
        PushState.REFUSED,
        PushState.RETURNED,
        PushState.RELEASED,
        PushState.PARTLY_RELEASED,
        PushState.FAILED,
    }
)
# Of twenty rulings one refuses and one returns; the rest approve.
_EVERY: Final = 20


class _UnavailableError(GatewayError):
    """The gateway stood still or waits for something, and did nothing."""

    code = "unavailable"
    title = Words("网关暂不可用", "The gateway is not available")


class UnexpectedPageError(GatewayError):
    """The console answered with something that the proof did not expect."""

    code = "unexpected_page"
    title = Words("控制台的回应出乎意料", "The console answered unexpectedly")


@dataclass(frozen=True, slots=True)
class Ruled:
    """One ruling given: the ticket's page and the verdict."""

    path: str
    verdict: str


async def submit_all(
    url: str, stage: Stage, plan: Load, clock: Clock, progress: Progress
) -> list[PushStatus]:
    """Submit every push of the plan, several at once, and return the answers in their order."""
    tokens = plan.tokens()
    async with PopgateClient(url, stage.key) as client:

        async def one(number: int) -> PushStatus:
            return await client.submit(plan.body(number, stage.surface_id, tokens, clock.now()))

        return await _all(range(plan.pushes), one, progress)


async def register_all(url: str, stage: Stage, plan: Load, progress: Progress) -> list[Device]:
    """Register every recipient as a device of its own."""
    async with DeviceClient(url) as client:

        async def one(token: str) -> Device:
            return await client.register(stage.surface_id, token)

        return await _all(plan.tokens(), one, progress)


async def rule_all(
    url: str, stage: Stage, plan: Load, progress: Progress, *, approve_all: bool = False
) -> list[Ruled]:
    """Have the reviewers work the queue by the console's own pages until enough is ruled on."""
    numbers = itertools.count()
    done: list[Ruled] = []

    async def work(name: str) -> None:
        async with Visitor(url) as visitor:
            await sign_in(visitor, name, stage.passwords[name])
            while (number := next(numbers)) < plan.rulings:
                verdict = "approve" if approve_all else verdict_for(number)
                ruled = await _patiently(partial(rule_next, visitor, verdict))
                if ruled is None:
                    return
                done.append(ruled)
                progress(len(done))

    reviewers = [name for name in stage.passwords if name.startswith("reviewer")]
    await asyncio.gather(*(work(name) for name in reviewers))
    return done


async def sign_in(visitor: Visitor, name: str, password: str) -> None:
    """Sign in with a one-time password and change it, as the console insists."""
    page = await visitor.read("/console/sign-in")
    door = _form(page, "/console/sign-in")
    page = await visitor.send(door, {"username": name, "password": password})
    own = _NEW_PASSWORD
    change = _form(page, "/console/account/password")
    page = await visitor.send(change, {"current": password, "new": own, "again": own})
    if page.path != "/console" or page.status != _OK:
        raise _unexpected(page)


def verdict_for(number: int) -> str:
    """Return what a reviewer decides on the push that comes up as this number."""
    return {0: "refuse", 1: "return"}.get(number % _EVERY, "approve")


async def rule_next(visitor: Visitor, verdict: str) -> Ruled | None:
    """Take the next ticket and rule on it with the form of its page; None if none waits."""
    queue = await visitor.read("/console/queue")
    page = await visitor.send(_form(queue, "/console/queue/next"), {})
    if page.path == "/console/queue":
        return None
    form = _form(page, "/ruling")
    answer = await visitor.send(form, _filled(form, verdict))
    # The page of a ticket that was ruled on has no form for a ruling any more.
    if answer.status != _OK or answer.form("/ruling") is not None:
        raise _unexpected(answer)
    return Ruled(page.path, verdict)


def _filled(form: PageForm, verdict: str) -> dict[str, str | Sequence[str]]:
    """Fill in the form of a ruling: every hold that it shows is cleared, or a clause is named."""
    values: dict[str, str | Sequence[str]] = {"verdict": verdict, "reason": "核对原文，表述一致"}
    if verdict == "approve":
        values["clears"] = form.choices.get("clears", [])
        if "checked" in form.fields:
            values["checked"] = "已打开原文页面，核对单位名称与标题"
    else:
        values["clause"] = next(one for one in form.choices["clause"] if one)
        values["reason"] = "标题与原文不符，请修改"
    return values


async def settled(
    url: str,
    stage: Stage,
    ids: Iterable[str],
    rulings: int,
    progress: Progress,
    *,
    within: float = _SETTLES_WITHIN,
) -> list[PushStatus]:
    """Wait until every ruling has taken effect, and return all pushes as they are then.

    After `within` seconds they are returned however they are.
    """
    wanted = list(ids)
    deadline = asyncio.get_running_loop().time() + within
    async with PopgateClient(url, stage.key) as client:
        while True:
            found = await _all(wanted, client.get, lambda _: None)
            decided = sum(one.state in _RULED_ON for one in found)
            progress(decided)
            if decided >= rulings or asyncio.get_running_loop().time() > deadline:
                return found
            await asyncio.sleep(1.0)


async def fetch_all(
    url: str, devices: Sequence[Device], progress: Progress
) -> dict[str, list[Mapping[str, Any]]]:
    """Empty every inbox and return what each recipient got, by token."""
    async with DeviceClient(url) as client:
        found = await _all(devices, client.fetch, progress)
    return {device.recipient: got for device, got in zip(devices, found, strict=True)}


def verdicts(ruled: Iterable[Ruled]) -> Counter[str]:
    """Count rulings by verdict."""
    return Counter(one.verdict for one in ruled)


async def _all(
    items: Iterable[A], work: Callable[[A], Awaitable[T]], progress: Progress
) -> list[T]:
    """Do `work` for every item, some at once; the results in the items' order."""
    done = itertools.count(1)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(item: A) -> T:
        async with gate:
            result = await _patiently(partial(work, item))
        progress(next(done))
        return result

    return await asyncio.gather(*(one(item) for item in items))


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again while the gateway says that it can do nothing now, as a busy machine makes it."""
    clock = asyncio.get_running_loop()
    until = clock.time() + _ASKS_FOR
    while True:
        try:
            return await ask()
        except (ProblemError, _UnavailableError) as error:
            is_refusal = isinstance(error, ProblemError) and error.status != _UNAVAILABLE
            if is_refusal or clock.time() > until:
                raise
        await asyncio.sleep(_ASKS_AGAIN_AFTER)


def _form(page: Page, action_end: str) -> PageForm:
    found = page.form(action_end)
    if found is None:
        raise _unexpected(page)
    return found


def _unexpected(page: Page) -> GatewayError:
    if page.status == _UNAVAILABLE:
        return _UnavailableError()
    where = f"{page.status} {page.path}"
    return UnexpectedPageError(Words(f"意外的页面：{where}", f"An unexpected page: {where}"))
