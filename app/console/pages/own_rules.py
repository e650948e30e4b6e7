"""The operator's own rules: what is in force, one draft, the second admin, and going back."""

from dataclasses import dataclass
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
from app.domain.decision import Topic, Verdict
from app.domain.operator import OperatorMode, OperatorRule
from app.errors import Invalid, NotFound, Words
from app.packs.operator_repository import RuleSetVersion
from app.packs.operator_rules import changed, differing_fields, restorable
from app.rules.operator.condition import compiled
from app.rules.operator.fault import ConditionError
from app.rules.operator.fault import Fault as ConditionFault
from app.rules.operator.fields import FIELDS, Field
from app.rules.operator.functions import COUNTING, HAS, LENGTH, Counting
from app.rules.operator.rules import PREFIX

pages = Pages()

LIST: Final = "/console/own-rules"
_VERDICTS: Final = (Verdict.HOLD, Verdict.BLOCK)
_ENGLISH: Final = {"title_en": "title_zh", "message_en": "message_zh", "fix_en": "fix_zh"}


EXAMPLES: Final = (
    'kind == "news" and (title contains "独家" or not has(source.author))',
    "audience.size > 10000 and hour in [0, 1, 2, 3, 4, 5]",
    'text matches "(加|添加).{0,4}(微信|客服)" and hits("fraud") == 0',
)
"""Conditions that the editor shows; a test tries them."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule in two versions; None where one lacks it; `fields` are those that differ."""

    before: OperatorRule | None
    after: OperatorRule | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesView:
    """What is in force, what is being worked on, what was."""

    active: RuleSetVersion | None
    draft: RuleSetVersion | None
    changes: tuple[RuleChange, ...]
    is_mine: bool
    past: tuple[RuleSetVersion, ...]
    restorable: RuleSetVersion | None
    names: Names


@dataclass(frozen=True, slots=True)
class EditView:
    """The form of a rule; `rule_id` is empty for a new one."""

    form: Form
    rule_id: str
    topics: tuple[tuple[str, str], ...]
    verdicts: tuple[tuple[str, str, str], ...]
    modes: tuple[tuple[str, str, str], ...]
    said: "ConditionView"
    known: tuple[Field, ...]
    counting: tuple[Counting, ...]
    prefix: str
    has: str
    length: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionView:
    """What the language says of a condition: nothing yet, fine, or a fault with its place."""

    source: str
    fault: ConditionFault | None
    before: str
    wrong: str
    after: str


@pages.get(LIST, Permission.OWN_RULES_READ)
async def own_rules(visit: Visit) -> Response:
    """Show the rules in force and the draft against them."""
    versions = await visit.services.operator_rules.versions()
    active = next((one for one in versions if one.state == "active"), None)
    draft = next((one for one in versions if one.state == "draft"), None)
    before = () if active is None else active.rules
    view = RulesView(
        active=active,
        draft=draft,
        changes=() if draft is None else _changes(before, draft.rules),
        is_mine=draft is not None and visit.member.id in draft.editors,
        past=tuple(one for one in versions if one.state in {"superseded", "discarded"}),
        restorable=restorable(versions),
        names=await names(visit),
    )
    return await render(visit, "own_rules/list.html", view)


@pages.get("/console/own-rules/new", Permission.OWN_RULES_WRITE)
async def ask_new(visit: Visit) -> Response:
    """Show an empty form."""
    start = {"verdict": Verdict.HOLD.value, "mode": OperatorMode.SHADOW.value}
    return await _ask(visit, filled(start), "")


@pages.get("/console/own-rules/rules/{rule_id}", Permission.OWN_RULES_WRITE)
async def ask_change(visit: Visit) -> Response:
    """Show the form of a rule as it stands in the draft, or in force where there is none."""
    rule = await _standing(visit, visit.path("rule_id"))
    values = {
        "id": rule.id.removeprefix(PREFIX),
        "topic": rule.topic.value,
        "verdict": rule.verdict.value,
        "mode": rule.mode.value,
        "condition": rule.condition,
        "basis": rule.basis,
        **{name: getattr(rule, name) for pair in _ENGLISH.items() for name in pair},
    }
    return await _ask(visit, filled(values), rule.id)


@pages.post("/console/own-rules/save", Permission.OWN_RULES_WRITE)
async def save(visit: Visit) -> Response:
    """Put the rule into the draft; a form with faults is shown again as it was typed."""
    rule_id = visit.field("rule_id")
    rule = _typed_rule(visit, rule_id)
    if rule is None:
        fault = Fault("", visit.t("own_rules.no_choice"))
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _ask(visit, typed(visit, [fault]), rule_id, status)
    try:
        await visit.services.operator_rules.save(visit.member.id, rule, visit.field("reason"))
    except Invalid as error:
        return await _ask(visit, refused(visit, error), rule_id, error.status_code)
    return redirect(visit, LIST, Flash("own_rules.saved"))


@pages.post("/console/own-rules/rules/{rule_id}/remove", Permission.OWN_RULES_WRITE)
async def remove(visit: Visit) -> Response:
    """Take a rule out of the draft."""
    service = visit.services.operator_rules
    await service.remove(visit.member.id, visit.path("rule_id"), visit.field("reason"))
    return redirect(visit, LIST, Flash("own_rules.removed", "info"))


@pages.post("/console/own-rules/condition", Permission.OWN_RULES_READ)
async def said_of(visit: Visit) -> Response:
    """Say what the language makes of a condition, for the editor while somebody types."""
    return await render(visit, "own_rules/condition.html", _said(visit.field("condition")))


@pages.post("/console/own-rules/{rule_set_id}/approve", Permission.OWN_RULES_APPROVE)
async def approve(visit: Visit) -> Response:
    """Put the draft in force; whoever worked on it is refused."""
    await visit.services.operator_rules.approve(visit.path("rule_set_id"), visit.member.id)
    return redirect(visit, LIST, Flash("own_rules.approved"))


@pages.post("/console/own-rules/{rule_set_id}/discard", Permission.OWN_RULES_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop the draft."""
    await visit.services.operator_rules.discard(visit.path("rule_set_id"), visit.member.id)
    return redirect(visit, LIST, Flash("own_rules.discarded", "info"))


@pages.post("/console/own-rules/{rule_set_id}/roll-back", Permission.OWN_RULES_APPROVE)
async def roll_back(visit: Visit) -> Response:
    """Put an earlier version in force again, at once."""
    service = visit.services.operator_rules
    await service.roll_back(visit.path("rule_set_id"), visit.member.id, visit.field("reason"))
    return redirect(visit, LIST, Flash("own_rules.rolled_back"))


def _changes(
    before: tuple[OperatorRule, ...], after: tuple[OperatorRule, ...]
) -> tuple[RuleChange, ...]:
    return tuple(
        RuleChange(old, new, () if old is None or new is None else differing_fields(old, new))
        for old, new in changed(before, after)
    )


async def _standing(visit: Visit, rule_id: str) -> OperatorRule:
    versions = await visit.services.operator_rules.versions()
    for state in ("draft", "active"):
        version = next((one for one in versions if one.state == state), None)
        rule = None if version is None else version.rule(rule_id)
        if rule is not None:
            return rule
    raise NotFound(Words("没有这条规则", "There is no such rule"))


def _typed_rule(visit: Visit, rule_id: str) -> OperatorRule | None:
    """Return the rule as typed, English words left out taken from the Chinese ones.

    None where a choice is none of those that the form offers.
    """
    words = {name: visit.field(name).strip() for pair in _ENGLISH.items() for name in pair}
    for english, chinese in _ENGLISH.items():
        words[english] = words[english] or words[chinese]
    try:
        return OperatorRule(
            id=rule_id or PREFIX + visit.field("id").strip(),
            condition=visit.field("condition").strip(),
            topic=Topic(visit.field("topic")),
            verdict=Verdict(visit.field("verdict")),
            mode=OperatorMode(visit.field("mode")),
            basis=visit.field("basis").strip(),
            **words,
        )
    except ValueError:
        return None


def _said(source: str) -> ConditionView:
    if not source.strip():
        return ConditionView(source, None, "", "", "")
    try:
        compiled(source)
    except ConditionError as error:
        start, end = error.fault.span
        return ConditionView(source, error.fault, source[:start], source[start:end], source[end:])
    return ConditionView(source, None, source, "", "")


async def _ask(visit: Visit, form: Form, rule_id: str, status: int = HTTPStatus.OK) -> Response:
    t = visit.t
    view = EditView(
        form=form,
        rule_id=rule_id,
        topics=tuple((one.value, t(f"terms.topic.{one.value}")) for one in Topic),
        verdicts=tuple(
            (one.value, t(f"terms.verdict.{one.value}"), t(f"own_rules.verdict.{one.value}"))
            for one in _VERDICTS
        ),
        modes=tuple(
            (one.value, t(f"own_rules.mode.{one.value}"), t(f"own_rules.mode_more.{one.value}"))
            for one in OperatorMode
        ),
        said=_said(form.value("condition")),
        known=tuple(FIELDS.values()),
        counting=tuple(COUNTING.values()),
        prefix=PREFIX,
        has=HAS,
        length=LENGTH,
        examples=EXAMPLES,
    )
    return await render(visit, "own_rules/edit.html", view, status=status)
