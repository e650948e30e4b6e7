"""Which pushes need two persons: proposed by one admin, put in force by another."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.desk.findings import topic_words
from app.console.flash import Flash
from app.console.forms import Fault, Form, filled, refused, typed
from app.console.pages.topics import registered, topic_names
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.pairs import PairClasses
from app.errors import Invalid, Words
from app.policy.pair_classes import CLEARABLE
from app.policy.pair_repository import PairPolicy
from app.rules.rule import Rule

pages = Pages()

LIST: Final = "/console/policy/pairs"
_NEW: Final = "/console/policy/pairs/new"
_LONGEST_NUMBER: Final = 12


@dataclass(frozen=True, slots=True)
class PairLine:
    """A version with its topics and rules in words, and whether this visitor proposed it."""

    version: PairPolicy
    topics: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class PairsView:
    """What is in force, what waits for a second admin, what was."""

    active: PairLine | None
    drafts: tuple[PairLine, ...]
    past: tuple[PairLine, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class NewView:
    """The form and its choices, (value, words, explanation) each."""

    form: Form
    topics: tuple[tuple[str, str, str], ...]
    rules: tuple[tuple[str, str, str], ...]


@pages.get(LIST, Permission.POLICY_READ)
async def pairs(visit: Visit) -> Response:
    """Show the versions."""
    called = await topic_names(visit)
    lines = [
        PairLine(
            one,
            tuple(called.get(topic, topic) for topic in one.classes.topics),
            tuple((rule, topic_words(rule, visit.t)) for rule in one.classes.rules),
            one.proposed_by == visit.member.id,
        )
        for one in await visit.services.rulings.pairs.versions()
    ]
    view = PairsView(
        active=next((line for line in lines if line.version.state == "active"), None),
        drafts=tuple(line for line in lines if line.version.state == "draft"),
        past=tuple(line for line in lines if line.version.state in {"superseded", "discarded"}),
        names=await names(visit),
    )
    return await render(visit, "policy/pairs.html", view)


@pages.get(_NEW, Permission.POLICY_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show the form with what is in force."""
    versions = await visit.services.rulings.pairs.versions()
    active = next((one.classes for one in versions if one.state == "active"), PairClasses())
    return await _ask(visit, filled(_fields(active)))


@pages.post(_NEW, Permission.POLICY_WRITE)
async def propose(visit: Visit) -> Response:
    """Keep a version as a draft."""
    numbers: dict[str, int | None] = {}
    faults = []
    for name in ("audience_over", "most_refused", "refused_days", "recheck_percent"):
        said = visit.field(name).strip()
        good = said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER
        numbers[name] = int(said) if good else None
        if said and not good:
            faults.append(Fault(name, visit.t("pairs.no_number")))
    if faults:
        return await _ask(visit, typed(visit, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
    classes = PairClasses(
        audience_over=numbers["audience_over"],
        emergency="emergency" in visit.fields("always"),
        minors="minors" in visit.fields("always"),
        topics=tuple(dict.fromkeys(visit.fields("topics"))),
        rules=tuple(dict.fromkeys(visit.fields("rules"))),
        most_refused=numbers["most_refused"],
        refused_days=_or(numbers["refused_days"], PairClasses().refused_days),
        recheck_percent=_or(numbers["recheck_percent"], 0),
    )
    reason = visit.field("reason").replace("\r\n", "\n").strip()
    try:
        await visit.services.rulings.pairs.propose(visit.member.id, classes, reason)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    return redirect(visit, LIST, Flash("pairs.proposed"))


@pages.post("/console/policy/pairs/{pair_policy_id}/approve", Permission.POLICY_APPROVE)
async def approve(visit: Visit) -> Response:
    """Put a version in force; whoever proposed it is refused."""
    settings = visit.services.rulings.pairs
    await settings.approve(visit.path("pair_policy_id"), visit.member.id)
    return redirect(visit, LIST, Flash("pairs.approved"))


@pages.post("/console/policy/pairs/{pair_policy_id}/discard", Permission.POLICY_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop a draft."""
    settings = visit.services.rulings.pairs
    await settings.discard(visit.path("pair_policy_id"), visit.member.id)
    return redirect(visit, LIST, Flash("pairs.discarded", "info"))


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    view = NewView(
        form=form,
        topics=tuple((name, words, "") for name, words in await registered(visit)),
        rules=tuple(
            (rule.id, topic_words(rule.id, visit.t), _cited(visit, rule)) for rule in CLEARABLE
        ),
    )
    return await render(visit, "policy/pair_new.html", view, status=status)


def _or(number: int | None, usual: int) -> int:
    return usual if number is None else number


def _cited(visit: Visit, rule: Rule) -> str:
    """Return where a rule stands and how it is called in the ledger."""
    instrument = rule.citation.instrument
    title = visit.t.say(Words(instrument.title_zh, instrument.title_en))
    return f"{title} {rule.citation.clause} · {rule.id}"


def _fields(classes: PairClasses) -> dict[str, str | tuple[str, ...]]:
    def number(value: int | None) -> str:
        return "" if value is None else str(value)

    always = {"emergency": classes.emergency, "minors": classes.minors}
    return {
        "audience_over": number(classes.audience_over),
        "always": tuple(name for name, applies in always.items() if applies),
        "topics": classes.topics,
        "rules": classes.rules,
        "most_refused": number(classes.most_refused),
        "refused_days": str(classes.refused_days),
        "recheck_percent": str(classes.recheck_percent),
    }
