"""Trying a rule pack on what really came: back-tests on stored pushes, and its shadow."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Invalid, NotFound, Words
from app.packs.pack_repository import RulePack
from app.packs.states import OPEN
from app.pushes.trial_repository import PushDifference, Trial
from app.pushes.trials import CHOICES, Shadow

pages = Pages()


@dataclass(frozen=True, slots=True)
class Results:
    """What a trial or a shadow found: its sum and the newest pushes."""

    summary: Mapping[str, Any]
    differences: tuple[PushDifference, ...]
    list_titles: Mapping[str, tuple[str, str]]

    def precision(self, way: str) -> int | None:
        """Return the percentage of ruled pushes that were refused; None without rulings."""
        counts = self.summary[way]
        ruled = counts["refused"] + counts["approved"]
        return None if ruled == 0 else round(100 * counts["refused"] / ruled)


@dataclass(frozen=True, slots=True)
class TrialsView:
    """The trials of a pack, the form for another, and its shadow."""

    pack: RulePack
    trials: tuple[Trial, ...]
    shadow: Shadow | None
    results: Results | None
    names: Names
    choices: tuple[int, ...]
    form: Form
    may_start: bool


@dataclass(frozen=True, slots=True)
class TrialView:
    """One trial: how far it is, or what it found."""

    pack: RulePack
    trial: Trial
    results: Results | None
    names: Names

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 if self.trial.total == 0 else 100 * self.trial.done // self.trial.total


@pages.get("/console/packs/{pack_id}/trials", Permission.WORDS_READ)
async def trials(visit: Visit) -> Response:
    """Show the trials of a pack and its shadow."""
    return await _show(visit, filled({"wanted": str(CHOICES[1])}))


@pages.post("/console/packs/{pack_id}/trials", Permission.WORDS_WRITE)
async def start(visit: Visit) -> Response:
    """Begin a back-test in the background."""
    pack_id, wanted = visit.path("pack_id"), visit.field("wanted")
    pushes = int(wanted) if wanted in set(map(str, CHOICES)) else CHOICES[0]
    try:
        trial = await visit.services.trials.start(pack_id, visit.member.id, pushes)
    except (Invalid, Conflict) as error:
        return await _show(visit, refused(visit, error), error.status_code)
    return redirect(visit, _address(pack_id, trial.id))


@pages.get("/console/packs/{pack_id}/trials/{trial_id}", Permission.WORDS_READ)
async def trial(visit: Visit) -> Response:
    """Show how far a trial is, or what it found; the page asks again while it runs."""
    view = await visit.services.authoring.view(visit.path("pack_id"))
    found, differences = await visit.services.trials.trial(visit.path("trial_id"))
    _must_be_of(found, view.pack)
    results = None
    if found.summary:
        results = Results(found.summary, differences, _titles(visit))
    shown = TrialView(view.pack, found, results, await names(visit))
    return await render(visit, "packs/trial.html", shown)


@pages.post("/console/packs/{pack_id}/trials/{trial_id}/cancel", Permission.WORDS_WRITE)
async def cancel(visit: Visit) -> Response:
    """End a trial where it is."""
    pack_id, trial_id = visit.path("pack_id"), visit.path("trial_id")
    view = await visit.services.authoring.view(pack_id)
    found, _ = await visit.services.trials.trial(trial_id)
    _must_be_of(found, view.pack)
    await visit.services.trials.cancel(trial_id)
    return redirect(visit, _address(pack_id, trial_id), Flash("trials.cancelled_done", "info"))


def _must_be_of(found: Trial, pack: RulePack) -> None:
    if found.pack_id != pack.id:
        raise NotFound(Words("没有这次回测", "There is no such trial"))


def _address(pack_id: str, trial_id: str) -> str:
    return f"/console/packs/{pack_id}/trials/{trial_id}"


def _titles(visit: Visit) -> dict[str, tuple[str, str]]:
    lists = visit.services.packs.loader.base.lexicon.lists
    return {one.list_id: (one.title_zh, one.title_en) for one in lists}


async def _show(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    services = visit.services
    view = await services.authoring.view(visit.path("pack_id"))
    shadow = await services.trials.shadow(view.pack)
    results = None
    if shadow is not None:
        results = Results(shadow.summary, shadow.differences, _titles(visit))
    shown = TrialsView(
        pack=view.pack,
        trials=tuple(await services.trials.of_pack(view.pack.id)),
        shadow=shadow,
        results=results,
        names=await names(visit),
        choices=CHOICES,
        form=form,
        may_start=view.pack.state in OPEN,
    )
    return await render(visit, "packs/trials.html", shown, status=status)
