"""The register of topics that caps may name: proposed by one admin, entered by another."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Invalid, Words
from app.policy.topic_repository import RegisteredTopic
from app.policy.topics import LONGEST_NAME, NewTopic

pages = Pages()

LIST: Final = "/console/policy/topics"
_NEW: Final = "/console/policy/topics/new"


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic, the caps in force that name it, and whether this visitor proposed it."""

    topic: RegisteredTopic
    caps: tuple[str, ...]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class TopicsView:
    """What waits for a second admin, what is registered, what was."""

    drafts: tuple[TopicLine, ...]
    active: tuple[TopicLine, ...]
    past: tuple[TopicLine, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class NewView:
    """The form."""

    form: Form
    longest: int


@pages.get(LIST, Permission.POLICY_READ)
async def topics(visit: Visit) -> Response:
    """Show the register."""
    policy = await visit.services.policies.active()
    caps = () if policy is None else policy.caps
    lines = [
        TopicLine(
            one,
            tuple(cap.id for cap in caps if one.name in cap.covers.topics),
            one.proposed_by == visit.member.id,
        )
        for one in await visit.services.policies.topics.all()
    ]
    view = TopicsView(
        drafts=tuple(line for line in lines if line.topic.state == "draft"),
        active=tuple(line for line in lines if line.topic.state == "active"),
        past=tuple(line for line in lines if line.topic.state in {"retired", "discarded"}),
        names=await names(visit),
    )
    return await render(visit, "policy/topics.html", view)


@pages.get(_NEW, Permission.POLICY_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form."""
    return await _ask(visit, filled({}))


@pages.post(_NEW, Permission.POLICY_WRITE)
async def propose(visit: Visit) -> Response:
    """Keep a topic as a draft."""
    said = {name: visit.field(name).strip() for name in ("name", "title_zh", "title_en", "reason")}
    new = NewTopic(said["name"], said["title_zh"], said["title_en"], said["reason"])
    try:
        await visit.services.policies.topics.propose(visit.member.id, new)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("topics.proposed"))


@pages.post("/console/policy/topics/{topic_id}/approve", Permission.POLICY_APPROVE)
async def approve(visit: Visit) -> Response:
    """Register a topic; whoever proposed it is refused."""
    await visit.services.policies.topics.approve(visit.path("topic_id"), visit.member.id)
    return redirect(visit, LIST, Flash("topics.approved"))


@pages.post("/console/policy/topics/{topic_id}/discard", Permission.POLICY_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop a draft."""
    await visit.services.policies.topics.discard(visit.path("topic_id"), visit.member.id)
    return redirect(visit, LIST, Flash("topics.discarded", "info"))


@pages.post("/console/policy/topics/{topic_id}/retire", Permission.POLICY_WRITE)
async def retire(visit: Visit) -> Response:
    """Let no new cap name a topic."""
    register = visit.services.policies.topics
    await register.retire(visit.path("topic_id"), visit.member.id, visit.field("reason"))
    return redirect(visit, LIST, Flash("topics.retired", "info"))


async def registered(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Return the topics that caps may name: as pushes write them, and in the visitor's words."""
    return tuple(
        (one.name, _called(visit, one))
        for one in await visit.services.policies.topics.all()
        if one.state == "active"
    )


async def topic_names(visit: Visit) -> dict[str, str]:
    """Return what topics are called in the visitor's language, retired ones too."""
    found = [one for one in await visit.services.policies.topics.all() if one.approved_at]
    # The newest comes first, and says what the name means now.
    return {one.name: _called(visit, one) for one in reversed(found)}


def _called(visit: Visit, topic: RegisteredTopic) -> str:
    return visit.t.say(Words(topic.zh, topic.en))


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    return await render(visit, "policy/topic_new.html", NewView(form, LONGEST_NAME), status=status)
