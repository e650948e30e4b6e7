"""The operator's own rules: drafted together, put in force by an admin who did not draft them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import Followed, VersionWatch, bump
from app.domain.decision import Verdict
from app.domain.operator import OperatorRule
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.packs import operator_repository as repository
from app.packs.operator_repository import RuleSetVersion
from app.rules.operator.condition import compiled
from app.rules.operator.fault import ConditionError
from app.rules.operator.rules import PREFIX

OPERATOR_RULES: Final = "operator_rules"
MOST_RULES: Final = 50

_ID: Final = re.compile(PREFIX + r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LONGEST: Final = {"title_zh": 60, "title_en": 120, "basis": 200}
_LONGEST_WORDS: Final = 300
_LONGEST_REASON: Final = 2_000
_WORDS: Final = ("title_zh", "title_en", "basis", "message_zh", "message_en", "fix_zh", "fix_en")


@dataclass(frozen=True, slots=True)
class ActiveRules:
    """The rules in force at one version; the version is empty while there never were any."""

    version: str
    rules: tuple[OperatorRule, ...]


NO_RULES: Final = ActiveRules("", ())


class OperatorRules:
    """Drafting, approving and rolling back; the rules in force follow their version."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """Load on demand."""
        self._db = db
        self._clock = clock
        self._active = Followed(db, watch, OPERATOR_RULES, _load)

    async def active(self) -> ActiveRules:
        """Return the rules in force; VersionsStale when this worker cannot tell."""
        return await self._active.get()

    async def versions(self) -> list[RuleSetVersion]:
        """Return the newest versions first, a draft among them."""
        return await self._db.read(repository.rule_sets)

    async def save(self, staff_id: str, rule: OperatorRule, reason: str) -> None:
        """Put a rule into the draft, in the place of the one with its id if there is one.

        The draft begins as the rules in force. Invalid names every field that is wrong.
        """
        check_rule(rule)
        _check_reason(reason)

        def change(rules: tuple[OperatorRule, ...]) -> tuple[OperatorRule, ...]:
            if any(one.id == rule.id for one in rules):
                return tuple(rule if one.id == rule.id else one for one in rules)
            if len(rules) >= MOST_RULES:
                raise _invalid(
                    "/id", "too_many", f"最多 {MOST_RULES} 条规则", f"At most {MOST_RULES} rules"
                )
            return (*rules, rule)

        await self._change(staff_id, change, reason)

    async def remove(self, staff_id: str, rule_id: str, reason: str) -> None:
        """Take a rule out of the draft; NotFound if it has none of that id."""
        _check_reason(reason)

        def change(rules: tuple[OperatorRule, ...]) -> tuple[OperatorRule, ...]:
            kept = tuple(one for one in rules if one.id != rule_id)
            if len(kept) == len(rules):
                raise NotFound(Words("没有这条规则", "There is no such rule"))
            return kept

        await self._change(staff_id, change, reason)

    async def approve(self, set_id: str, staff_id: str) -> None:
        """Put the draft in force; Forbidden for everybody who worked on it."""

        def work(tx: Tx) -> None:
            version = _must_be_draft(repository.rule_set_by_id(tx, set_id))
            if staff_id in version.editors:
                raise Forbidden(
                    Words(
                        "参与编写的人不能批准，须由另一位管理员批准",
                        "Nobody who worked on the draft can approve it; another admin has to",
                    )
                )
            repository.publish(tx, set_id, staff_id, self._clock.now())
            bump(tx, OPERATOR_RULES, self._clock)
            self._record(tx, AuditKind.OPERATOR_RULES_PUBLISHED, version, staff_id)

        await self._db.write(work)

    async def discard(self, set_id: str, staff_id: str) -> None:
        """Drop the draft."""

        def work(tx: Tx) -> None:
            version = _must_be_draft(repository.rule_set_by_id(tx, set_id))
            repository.set_state(tx, set_id, "discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, version, staff_id)

        await self._db.write(work)

    async def roll_back(self, set_id: str, staff_id: str, reason: str) -> None:
        """Put the version before the one in force back, at once.

        Two people approved exactly these rules before, so one admin may do it (decision 29).
        NotFound; Conflict for any other version, and once it was done.
        """
        _check_reason(reason)

        def work(tx: Tx) -> None:
            old = repository.rule_set_by_id(tx, set_id)
            if old is None:
                raise NotFound(Words("没有这个版本", "There is no such version"))
            if restorable(repository.rule_sets(tx)) != old:
                raise Conflict(
                    Words(
                        "只能恢复现行版本的前一版，且只能恢复一次",
                        "Only the version before the one in force comes back, and only once",
                    ),
                    code="not_restorable",
                )
            now = self._clock.now()
            back = _again(tx, old, staff_id, reason, now)
            repository.retire_active(tx)
            repository.insert_rule_set(tx, back)
            bump(tx, OPERATOR_RULES, self._clock)
            self._record(tx, AuditKind.OPERATOR_RULES_PUBLISHED, back, staff_id, again=old.number)

        await self._db.write(work)

    async def _change(
        self,
        staff_id: str,
        change: Callable[[tuple[OperatorRule, ...]], tuple[OperatorRule, ...]],
        reason: str,
    ) -> None:
        def work(tx: Tx) -> None:
            now = self._clock.now()
            draft = repository.rule_set_in_state(tx, "draft")
            if draft is None:
                active = repository.rule_set_in_state(tx, "active")
                before = () if active is None else active.rules
                draft = RuleSetVersion(
                    new_id("ors"), repository.next_number(tx), change(before), "draft", reason,
                    staff_id, now, (staff_id,), None, None,
                )  # fmt: skip
                repository.insert_rule_set(tx, draft)
            else:
                editors = tuple(dict.fromkeys((*draft.editors, staff_id)))
                rules = change(draft.rules)
                draft = replace(draft, rules=rules, reason=reason, editors=editors)
                repository.change_rules(tx, draft.id, rules, reason, editors)
            self._record(tx, AuditKind.OPERATOR_RULES_PROPOSED, draft, staff_id)

        await self._db.write(work)

    def _record(
        self, tx: Tx, kind: AuditKind, version: RuleSetVersion, by: str, **more: object
    ) -> None:
        rules = [
            {"id": one.id, "condition": one.condition, "verdict": one.verdict, "mode": one.mode}
            for one in version.rules
        ]
        actor = Actor(ActorKind.STAFF, by)
        number, reason = version.number, version.reason
        now = self._clock.now()
        record(tx, now, kind, actor, version.id, number=number, rules=rules, reason=reason, **more)


def check_rule(rule: OperatorRule) -> None:
    """Raise Invalid, naming every field of a rule that is wrong, unless it may be used."""
    problems = [*_problems_of_words(rule)]
    if _ID.fullmatch(rule.id) is None:
        zh = "规则编号由小写字母、数字和连字符组成，最多 40 个字符"
        en = "An id has lower-case letters, digits and hyphens, at most 40"
        problems.append(FieldProblem("/id", "bad_id", Words(zh, en)))
    if rule.verdict is Verdict.ALLOW:
        words = Words("规则只能转人工或拦截", "A rule holds or blocks")
        problems.append(FieldProblem("/verdict", "not_a_verdict", words))
    try:
        condition = compiled(rule.condition)
    except ConditionError as error:
        words = Words(error.fault.zh, error.fault.en)
        problems.append(FieldProblem("/condition", "bad_condition", words))
    else:
        if rule.verdict is Verdict.BLOCK and not condition.is_certain:
            zh = "用到筛查命中或信号强度的条件只能转人工：只有确定的事才能拦截"
            en = "A condition on hits or strengths can only hold: nothing but the certain blocks"
            problems.append(FieldProblem("/verdict", "not_certain", Words(zh, en)))
    if problems:
        raise Invalid(problems=tuple(problems))


def _problems_of_words(rule: OperatorRule) -> list[FieldProblem]:
    problems = []
    for name in _WORDS:
        value: str = getattr(rule, name)
        longest = _LONGEST.get(name, _LONGEST_WORDS)
        if not value.strip() or len(value) > longest or not value.isprintable():
            zh = f"须为 1 至 {longest} 个可见字符"
            words = Words(zh, f"1 to {longest} printable characters")
            problems.append(FieldProblem(f"/{name}", "bad_text", words))
    return problems


def restorable(versions: Sequence[RuleSetVersion]) -> RuleSetVersion | None:
    """Return what one admin may put back: the version before the one in force, if any.

    `versions` are the newest first. What came back so is not undone in the same way.
    """
    active = next((one for one in versions if one.state == "active"), None)
    if active is None or active.restores is not None:
        return None
    return next((one for one in versions if one.state == "superseded"), None)


def changed(
    before: tuple[OperatorRule, ...], after: tuple[OperatorRule, ...]
) -> tuple[tuple[OperatorRule | None, OperatorRule | None], ...]:
    """Return every rule that differs between two versions, matched by id: (old, new)."""
    old, new = ({one.id: one for one in rules} for rules in (before, after))
    ids = dict.fromkeys((*old, *new))
    return tuple((old.get(one), new.get(one)) for one in ids if old.get(one) != new.get(one))


def differing_fields(before: OperatorRule, after: OperatorRule) -> tuple[str, ...]:
    """Return the names of the fields in which two versions of a rule differ."""
    names = (field.name for field in fields(OperatorRule))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _again(
    tx: Tx, old: RuleSetVersion, staff_id: str, reason: str, now: datetime
) -> RuleSetVersion:
    """Return a new version with the rules of an old one, approved by whoever did so then."""
    approvers = (old.approved_by, old.proposed_by)
    second = next(one for one in approvers if one not in (None, staff_id))
    return RuleSetVersion(
        new_id("ors"), repository.next_number(tx), old.rules, "active", reason, staff_id, now,
        (staff_id,), second, now, old.id,
    )  # fmt: skip


def _load(tx: Tx) -> ActiveRules:
    version = repository.rule_set_in_state(tx, "active")
    if version is None:
        return NO_RULES
    return ActiveRules(f"{version.number}@{version.id}", version.rules)


def _must_be_draft(version: RuleSetVersion | None) -> RuleSetVersion:
    if version is None:
        raise NotFound(Words("没有这个版本", "There is no such version"))
    if version.state != "draft":
        raise Conflict(Words("该版本已不是草稿", "It is no longer a draft"), code="not_a_draft")
    return version


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise _invalid("/reason", "required", "请填写理由", "A reason is required")
    if len(reason) > _LONGEST_REASON or "\0" in reason:
        raise _invalid(
            "/reason", "too_long", f"最多 {_LONGEST_REASON} 个字",
            f"At most {_LONGEST_REASON} characters",
        )  # fmt: skip


def _invalid(pointer: str, code: str, zh: str, en: str) -> Invalid:
    return Invalid(problems=(FieldProblem(pointer, code, Words(zh, en)),))
