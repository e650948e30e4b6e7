"""The frequency policy: what is in force, drafts against it, proposing, the second admin."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.policy import A_DAY, Cap, Covers
from app.domain.policy_faults import HIGHEST_LIMIT, MOST_CAPS
from app.domain.push import ContentKind
from app.errors import Invalid
from app.ids import new_id
from app.policy.repository import PolicyVersion

pages = Pages()

LIST: Final = "/console/policy"

_SPARE_ROWS: Final = 3
_MOST_ROWS: Final = MOST_CAPS + _SPARE_ROWS
_SOURCE_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class CapChange:
    """A cap in two versions; None where one of them lacks it."""

    before: Cap | None
    after: Cap | None


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft, what it would change, and whether this visitor proposed it."""

    version: PolicyVersion
    changes: tuple[CapChange, ...]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What is in force, what is proposed, what was."""

    active: PolicyVersion | None
    drafts: tuple[DraftLine, ...]
    past: tuple[PolicyVersion, ...]
    names: Names
    surfaces: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProposalView:
    """The form: one row a cap and some to spare."""

    form: Form
    rows: tuple[int, ...]
    surfaces: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    highest: int


@pages.get(LIST, Permission.POLICY_READ)
async def policy(visit: Visit) -> Response:
    """Show the policy in force and its drafts."""
    versions = await visit.services.policies.versions()
    active = next((one for one in versions if one.state == "active"), None)
    in_force = () if active is None else active.caps
    view = PolicyView(
        active=active,
        drafts=tuple(
            DraftLine(one, changes(in_force, one.caps), one.proposed_by == visit.member.id)
            for one in versions
            if one.state == "draft"
        ),
        past=tuple(one for one in versions if one.state in {"superseded", "discarded"}),
        names=await names(visit),
        surfaces=await _surface_names(visit),
    )
    return await render(visit, "policy/list.html", view)


@pages.get("/console/policy/new", Permission.POLICY_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form with the caps in force."""
    active = await visit.services.policies.active()
    values: dict[str, str] = {}
    caps = () if active is None else active.caps
    for row, cap in enumerate(caps):
        values |= {
            f"id_{row}": cap.id,
            f"surface_{row}": next(iter(cap.covers.surfaces), ""),
            f"kind_{row}": next(iter(cap.covers.kinds), ""),
            f"limit_{row}": str(cap.limit),
            f"source_{row}": cap.source,
        }
    return await _ask(visit, filled(values), len(caps) + _SPARE_ROWS)


@pages.post("/console/policy/new", Permission.POLICY_WRITE)
async def propose(visit: Visit) -> Response:
    """Keep the caps as a draft for another admin."""
    rows = _rows(visit)
    caps, faults = _caps(visit, rows)
    if faults:
        return await _ask(visit, typed(visit, faults), rows, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        await visit.services.policies.propose(visit.member.id, caps, visit.field("reason"))
    except Invalid as error:
        return await _ask(visit, refused(visit, error), rows, error.status_code)
    return redirect(visit, LIST, Flash("policy.proposed"))


@pages.post("/console/policy/{policy_id}/approve", Permission.POLICY_APPROVE)
async def approve(visit: Visit) -> Response:
    """Put a draft in force; whoever proposed it is refused."""
    await visit.services.policies.approve(visit.path("policy_id"), visit.member.id)
    return redirect(visit, LIST, Flash("policy.approved"))


@pages.post("/console/policy/{policy_id}/discard", Permission.POLICY_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop a draft."""
    await visit.services.policies.discard(visit.path("policy_id"), visit.member.id)
    return redirect(visit, LIST, Flash("policy.discarded_done", "info"))


def changes(before: tuple[Cap, ...], after: tuple[Cap, ...]) -> tuple[CapChange, ...]:
    """Return every cap that differs between two versions, matched by id."""
    old = {cap.id: cap for cap in before}
    new = {cap.id: cap for cap in after}
    return tuple(
        CapChange(old.get(key), new.get(key))
        for key in (*old, *(key for key in new if key not in old))
        if old.get(key) != new.get(key)
    )


async def _ask(visit: Visit, form: Form, rows: int, status: int = HTTPStatus.OK) -> Response:
    view = ProposalView(
        form=form,
        rows=tuple(range(rows)),
        surfaces=tuple((await _surface_names(visit)).items()),
        kinds=tuple((kind.value, visit.t(f"push_kind.{kind}")) for kind in ContentKind),
        highest=HIGHEST_LIMIT,
    )
    return await render(visit, "policy/new.html", view, status=status)


async def _surface_names(visit: Visit) -> dict[str, str]:
    register = await visit.services.register.current()
    return {one.id: one.name for one in register.surfaces.values()}


def _rows(visit: Visit) -> int:
    """Return how many rows the form had; nobody needs more than `_MOST_ROWS`."""
    numbers = (name.removeprefix("limit_") for name in visit.form if name.startswith("limit_"))
    indexes = [int(number) for number in numbers if number.isascii() and number.isdigit()]
    return min(max(indexes, default=-1) + 1, _MOST_ROWS)


def _caps(visit: Visit, rows: int) -> tuple[tuple[Cap, ...], list[Fault]]:
    """Return the caps of all rows with a limit, and the rows that cannot be read."""
    caps, faults = [], []
    for row in range(rows):
        limit = visit.field(f"limit_{row}").strip()
        if not limit:
            continue
        kind = visit.field(f"kind_{row}")
        known = not kind or kind in set(ContentKind)
        if not (
            limit.isascii() and limit.isdigit() and len(limit) <= len(str(HIGHEST_LIMIT)) and known
        ):
            faults.append(Fault(f"limit_{row}", visit.t("policy.bad_row", n=row + 1)))
            continue
        caps.append(_cap(visit, row, int(limit)))
    return tuple(caps), faults


def _cap(visit: Visit, row: int, limit: int) -> Cap:
    kind, surface = visit.field(f"kind_{row}"), visit.field(f"surface_{row}")
    cap = Cap(
        # The id names the counters: a cap that stays keeps what has been used of it.
        id=visit.field(f"id_{row}") or new_id("cap").replace("_", "-"),
        limit=limit,
        window=A_DAY,
        covers=Covers(
            kinds=(ContentKind(kind),) if kind else (),
            surfaces=(surface,) if surface else (),
        ),
        source=visit.field(f"source_{row}").strip()[:_SOURCE_LIMIT],
        house=True,
    )
    return cap if cap.source else replace(cap, source=visit.t("policy.house"))
