"""The first page: what waits for this person, how many pushes there are, how the gateway is."""

from dataclasses import dataclass

from fastapi import Response

from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render

pages = Pages()


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One dependency of the gateway."""

    name: str
    is_ok: bool
    is_needed: bool
    message: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """Counts by state, and the checks of `/readyz`."""

    counts: dict[str, int]
    waiting: int
    mine: int
    policy_drafts: int
    source_drafts: int
    is_ready: bool
    checks: tuple[CheckLine, ...]


@pages.get("/", Permission.ANYBODY)
async def root(visit: Visit) -> Response:
    """Send whoever opens the bare address to the console."""
    return redirect(visit, "/console")


@pages.get("/console", Permission.HOME)
async def home(visit: Visit) -> Response:
    """Show what waits."""
    services = visit.services
    counts = await services.views.counts()
    mine = await services.review.my_claims(visit.member.id)
    policies = await services.policies.versions()
    editions = await services.packs.editions()
    found = await visit.monitor.readiness()
    view = HomeView(
        counts=counts,
        waiting=counts.get("in_review", 0),
        mine=len(mine),
        policy_drafts=sum(1 for one in policies if one.state == "draft"),
        source_drafts=sum(1 for one in editions if one.state == "draft"),
        is_ready=found.ready,
        checks=tuple(
            CheckLine(name, health.ok, needed, visit.t.say(health.message))
            for name, (needed, health) in found.checks.items()
        ),
    )
    return await render(visit, "home.html", view)
