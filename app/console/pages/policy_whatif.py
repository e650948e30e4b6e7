"""What a policy would have stopped: replayed on what was sent, with plots, beside the draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response

from app.console.charts import Chart, Series, percent, stacked
from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.policy import Cap
from app.errors import Conflict, NotFound, Words
from app.policy.repository import PolicyVersion
from app.policy.sentences import sentence
from app.reports.replaying import WHOLE
from app.reports.repository import PolicyReplay
from app.reports.what_if import DAYS

pages = Pages()

_HERE: Final = "/console/policy/versions/{policy_id}/what-if"


@dataclass(frozen=True, slots=True)
class Line:
    """Something by name: how many were sent, how many of them the policy stops."""

    name: str
    sends: int
    stopped: int

    @property
    def share(self) -> str:
        """The part that is stopped."""
        return percent(self.stopped, self.sends)


@dataclass(frozen=True, slots=True)
class CapLine:
    """A cap in words: how many it stops, and how many it would have as a shadow.

    `pushes` is how many whole pushes, for a cap that counts those.
    """

    cap: Cap
    words: str
    stopped: int
    shadowed: int
    pushes: int | None

    @property
    def number(self) -> int:
        """How many it stops, or would as a shadow."""
        return self.stopped if self.cap.binds else self.shadowed


@dataclass(frozen=True, slots=True)
class ExemptionLine:
    """An exemption by name: how many of those who get something it has let through."""

    id: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a replay has found, ready to be drawn."""

    total: Mapping[str, int]
    hours: Chart
    days: Chart
    kinds: tuple[Line, ...]
    senders: tuple[Line, ...]
    caps: tuple[CapLine, ...]
    exemptions: tuple[ExemptionLine, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> str:
        """How much of everything is stopped."""
        return percent(self.total["stopped"], self.total["sends"])


@dataclass(frozen=True, slots=True)
class ReplayView:
    """One replay: how far it is, or what it found."""

    version: PolicyVersion
    replay: PolicyReplay
    found: Found | None
    names: Names

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 * self.replay.done // WHOLE


@dataclass(frozen=True, slots=True)
class ReplaysView:
    """The replays of a version, and the button for another."""

    version: PolicyVersion
    replays: tuple[PolicyReplay, ...]
    days: int
    names: Names
    form: Form


@pages.get(_HERE, Permission.POLICY_READ)
async def replays(visit: Visit) -> Response:
    """Show the replays of a version."""
    return await _show(visit, Form())


@pages.post(_HERE, Permission.POLICY_WRITE)
async def start(visit: Visit) -> Response:
    """Begin a replay in the background."""
    policy_id = visit.path("policy_id")
    try:
        replay = await visit.services.what_if.start(policy_id, visit.member.id)
    except Conflict as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, _address(replay))


@pages.get(_HERE + "/{replay_id}", Permission.POLICY_READ)
async def replay(visit: Visit) -> Response:
    """Show how far a replay is, or what it found; the page asks again while it runs."""
    version, found = await _version(visit), await _replay(visit)
    shown = None if not found.result else await _found(visit, version, found.result)
    view = ReplayView(version, found, shown, await names(visit))
    return await render(visit, "policy/what_if.html", view)


@pages.post(_HERE + "/{replay_id}/cancel", Permission.POLICY_WRITE)
async def cancel(visit: Visit) -> Response:
    """End a replay where it is."""
    found = await _replay(visit)
    await visit.services.what_if.cancel(found.id)
    return redirect(visit, _address(found), Flash("what_if.cancelled_done", "info"))


async def _show(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    version = await _version(visit)
    found = await visit.services.what_if.of_policy(version.id)
    view = ReplaysView(version, tuple(found), DAYS, await names(visit), form)
    return await render(visit, "policy/what_ifs.html", view, status=status)


async def _version(visit: Visit) -> PolicyVersion:
    versions = await visit.services.policies.versions()
    found = next((one for one in versions if one.id == visit.path("policy_id")), None)
    if found is None:
        raise NotFound(Words("没有这个策略版本", "There is no such policy version"))
    return found


async def _replay(visit: Visit) -> PolicyReplay:
    found = await visit.services.what_if.replay(visit.path("replay_id"))
    if found.policy_id != visit.path("policy_id"):
        raise NotFound(Words("没有这次回放", "There is no such replay"))
    return found


def _address(one: PolicyReplay) -> str:
    return f"{_HERE.format(policy_id=one.policy_id)}/{one.id}"


async def _found(visit: Visit, version: PolicyVersion, result: Mapping[str, Any]) -> Found:
    t = visit.t
    register = await visit.services.register.current()
    called = {one.id: one.name for one in register.surfaces.values()}
    called |= {one.id: one.display_name for one in register.providers.values()}
    senders = {
        one.id: f"{called[one.provider_id]} · {one.name}" for one in register.senders.values()
    }
    days = {day[5:]: pair for day, pair in result["days"].items()}
    hours = {f"{hour:02}": pair for hour, pair in enumerate(result["hours"])}
    return Found(
        total=result,
        hours=_drawn(visit, "what_if.by_hour", hours),
        days=_drawn(visit, "what_if.by_day", days),
        kinds=tuple(Line(t(f"push_kind.{kind}"), *pair) for kind, pair in result["kinds"].items()),
        senders=tuple(
            Line(senders.get(one, one) if one else t("what_if.rest"), *pair)
            for one, *pair in result["senders"]
        ),
        caps=_caps(visit, version, result, called),
        exemptions=await _exemptions(visit, result),
        # Replays of earlier versions could not tell everything.
        missing=tuple(
            t.say(sentence(cap, called))
            for cap in version.caps
            if cap.id in result.get("missing", ())
        ),
    )


def _caps(
    visit: Visit, version: PolicyVersion, result: Mapping[str, Any], called: Mapping[str, str]
) -> tuple[CapLine, ...]:
    pushes: Mapping[str, list[int]] = result.get("pushes", {}).get("caps", {})
    lines = []
    for cap in version.caps:
        if cap.id not in result["caps"]:
            continue
        whole = None
        if cap.counts_pushes:
            whole = pushes.get(cap.id, [0, 0])[0 if cap.binds else 1]
        words = visit.t.say(sentence(cap, called))
        stopped, shadowed = result["caps"][cap.id]
        lines.append(CapLine(cap, words, stopped, shadowed, whole))
    return tuple(sorted(lines, key=lambda one: (not one.cap.binds, -one.number)))


async def _exemptions(visit: Visit, result: Mapping[str, Any]) -> tuple[ExemptionLine, ...]:
    numbers: Mapping[str, int] = result.get("exempted", {})
    if not numbers:
        return ()
    called = {one.id: one.name for one in await visit.services.policies.exemptions.all()}
    lines = [ExemptionLine(name, called.get(name, name), n) for name, n in numbers.items()]
    return tuple(sorted(lines, key=lambda one: (-one.number, one.name)))


def _drawn(visit: Visit, title: str, pairs: Mapping[str, list[int]]) -> Chart:
    t = visit.t
    let_through = tuple(sends - stopped for sends, stopped in pairs.values())
    stopped = tuple(stopped for _, stopped in pairs.values())
    return stacked(
        t(title),
        tuple(pairs),
        (
            Series(t("what_if.let_go"), "main", let_through),
            Series(t("what_if.stops"), "stop", stopped),
        ),
    )
