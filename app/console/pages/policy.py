"""The frequency policy: what is in force, drafts against it, the second admin, going back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fastapi import Response

from app.console.cap_rows import notes_on
from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.pages.policy_shadows import ShadowView, shadow_view
from app.console.pages.topics import topic_names
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.policy import Cap
from app.errors import Conflict, Invalid, NotFound, Words
from app.policy.repository import PolicyVersion
from app.policy.sentences import sentence
from app.reports.repository import PolicyReplay

pages = Pages()

LIST: Final = "/console/policy"
_PAST: Final = frozenset({"superseded", "withdrawn", "discarded"})


@dataclass(frozen=True, slots=True)
class CapLine:
    """A cap in words, whether its day has come, and what may surprise about it."""

    cap: Cap
    words: str
    is_in_force: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class CapChange:
    """A cap in two versions; None where one of them lacks it."""

    before: CapLine | None
    after: CapLine | None


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft, what it would change and have stopped, and whether this visitor proposed it.

    `is_late` if its date has passed while it waited.
    """

    version: PolicyVersion
    changes: tuple[CapChange, ...]
    is_mine: bool
    is_late: bool
    replay: PolicyReplay | None


@dataclass(frozen=True, slots=True)
class ScheduledLine:
    """A version that is approved and comes into force later, and what it changes then.

    `follows` is the one that will be in force before it.
    """

    version: PolicyVersion
    follows: PolicyVersion | None
    changes: tuple[CapChange, ...]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What is in force, to come and proposed, and what was.

    `previous` is what going back would restore.
    """

    active: PolicyVersion | None
    lines: tuple[CapLine, ...]
    scheduled: tuple[ScheduledLine, ...]
    drafts: tuple[DraftLine, ...]
    past: tuple[PolicyVersion, ...]
    previous: PolicyVersion | None
    undone: tuple[CapChange, ...]
    shadows: ShadowView
    names: Names
    form: Form


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: its caps in words, how they differ from those in force, its last replay."""

    version: PolicyVersion
    lines: tuple[CapLine, ...]
    changes: tuple[CapChange, ...]
    names: Names
    replay: PolicyReplay | None


@pages.get(LIST, Permission.POLICY_READ)
async def policy(visit: Visit) -> Response:
    """Show the policy in force and its drafts."""
    return await _show(visit, Form())


@pages.get("/console/policy/versions/{policy_id}", Permission.POLICY_READ)
async def version(visit: Visit) -> Response:
    """Show one version beside what is in force."""
    versions = await visit.services.policies.versions()
    found = next((one for one in versions if one.id == visit.path("policy_id")), None)
    if found is None:
        raise NotFound(Words("没有这个策略版本", "There is no such policy version"))
    active = next((one for one in versions if one.state == "active"), None)
    said = await _sayer(visit)
    in_force = () if active is None else active.caps
    view = VersionView(
        version=found,
        lines=said.lines(found.caps),
        changes=said.changes(in_force, found.caps),
        names=await names(visit),
        replay=(await visit.services.what_if.last_done([found.id])).get(found.id),
    )
    return await render(visit, "policy/version.html", view)


@pages.post("/console/policy/{policy_id}/approve", Permission.POLICY_APPROVE)
async def approve(visit: Visit) -> Response:
    """Put a draft in force; whoever proposed it is refused."""
    later = await visit.services.policies.approve(visit.path("policy_id"), visit.member.id)
    return redirect(visit, LIST, Flash("policy.approved" if later is None else "policy.scheduled"))


@pages.post("/console/policy/{policy_id}/discard", Permission.POLICY_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop a draft."""
    await visit.services.policies.discard(visit.path("policy_id"), visit.member.id)
    return redirect(visit, LIST, Flash("policy.discarded_done", "info"))


@pages.post("/console/policy/{policy_id}/withdraw", Permission.POLICY_WRITE)
async def withdraw(visit: Visit) -> Response:
    """Let a scheduled version never come into force, on one admin's word."""
    policies, policy_id = visit.services.policies, visit.path("policy_id")
    try:
        await policies.withdraw(policy_id, visit.member.id, visit.field("reason"))
    except (Invalid, Conflict) as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("policy.withdrawn_done", "info"))


@pages.post("/console/policy/roll-back", Permission.POLICY_APPROVE)
async def roll_back(visit: Visit) -> Response:
    """Undo the last publishing, on one admin's word."""
    try:
        await visit.services.policies.roll_back(visit.member.id, visit.field("reason"))
    except (Invalid, Conflict) as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("policy.rolled_back"))


async def _show(visit: Visit, form: Form, status: int = 200) -> Response:
    versions = await visit.services.policies.versions()
    active = next((one for one in versions if one.state == "active"), None)
    in_force = () if active is None else active.caps
    said = await _sayer(visit)
    previous = _previous(versions, active)
    view = PolicyView(
        active=active,
        lines=said.lines(in_force),
        scheduled=_scheduled(said, versions, active),
        drafts=await _drafts(visit, said, versions, in_force),
        past=tuple(one for one in versions if one.state in _PAST),
        previous=previous,
        undone=() if previous is None else said.changes(in_force, previous.caps),
        shadows=await shadow_view(visit, [(one.cap, one.words) for one in said.lines(in_force)]),
        names=await names(visit),
        form=form,
    )
    return await render(visit, "policy/list.html", view, status=status)


async def _drafts(
    visit: Visit, said: "_Sayer", versions: Iterable[PolicyVersion], in_force: tuple[Cap, ...]
) -> tuple[DraftLine, ...]:
    drafts, now = [one for one in versions if one.state == "draft"], visit.services.clock.now()
    replays = await visit.services.what_if.last_done([one.id for one in drafts])
    return tuple(
        DraftLine(
            one,
            said.changes(in_force, one.caps),
            one.proposed_by == visit.member.id,
            one.effective_from is not None and one.effective_from <= now,
            replays.get(one.id),
        )
        for one in drafts
    )


def _scheduled(
    said: "_Sayer", versions: Iterable[PolicyVersion], active: PolicyVersion | None
) -> tuple[ScheduledLine, ...]:
    """Return what comes into force later, the first one first, each against the one before it."""
    coming = sorted((one for one in versions if one.state == "scheduled"), key=_in_time)
    return tuple(
        ScheduledLine(one, before, said.changes(() if before is None else before.caps, one.caps))
        for before, one in zip([active, *coming], coming, strict=False)
    )


def _previous(
    versions: Iterable[PolicyVersion], active: PolicyVersion | None
) -> PolicyVersion | None:
    """Return what one admin may put back: what the version in force has replaced, once."""
    if active is None or active.restores is not None:
        return None
    were = [one for one in versions if one.state == "superseded"]
    return max(were, key=_in_time, default=None)


def _in_time(one: PolicyVersion) -> tuple[datetime, int]:
    """Sort versions by when they come into force."""
    return one.effective_from or one.proposed_at, one.number


class _Sayer:
    """Says caps in the visitor's language."""

    def __init__(self, visit: Visit, called: dict[str, str]) -> None:
        self._visit = visit
        self._called = called

    def line(self, cap: Cap) -> CapLine:
        words = self._visit.t.say(sentence(cap, self._called))
        return CapLine(cap, words, cap.is_in_force(self._visit.services.clock.now()))

    def lines(self, caps: tuple[Cap, ...]) -> tuple[CapLine, ...]:
        """Return all caps of a version, each with what may surprise beside the others."""
        notes = notes_on(self._visit, caps)
        return tuple(replace(self.line(cap), note=notes.get(at, "")) for at, cap in enumerate(caps))

    def changes(self, before: tuple[Cap, ...], after: tuple[Cap, ...]) -> tuple[CapChange, ...]:
        """Return every cap that differs between two versions, matched by id."""
        old = {cap.id: cap for cap in before}
        new = {cap.id: cap for cap in after}
        differing = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return tuple(
            CapChange(
                self.line(old[key]) if key in old else None,
                self.line(new[key]) if key in new else None,
            )
            for key in differing
        )


async def _sayer(visit: Visit) -> _Sayer:
    register = await visit.services.register.current()
    called = {one.id: one.name for one in register.surfaces.values()}
    called |= {one.id: one.display_name for one in register.providers.values()}
    return _Sayer(visit, called | await topic_names(visit))
