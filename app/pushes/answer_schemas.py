"""The shapes of the answers about pushes, for the OpenAPI document; nothing validates with them."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decision import Topic, Verdict
from app.domain.policy import Counts
from app.domain.push import ContentKind
from app.domain.state import PushState
from app.rules.elsewhere import Area, Placing, Source


class Shown(BaseModel):
    """An answer may gain fields; a reader ignores what it does not know."""

    model_config = ConfigDict(extra="allow")


class TextAnswer(Shown):
    """One text in both languages."""

    zh: str
    en: str


class CitationAnswer(Shown):
    """The clause that a rule enforces."""

    instrument: str
    clause: str
    in_force: str


class DutyCitationAnswer(Shown):
    """The clause of a duty; drafts never came into force, and some texts were replaced."""

    instrument: str
    instrument_id: str
    clause: str
    in_force: str | None
    repealed: str | None
    superseded_by: str | None


class FindingAnswer(Shown):
    """One thing that a rule noticed, where, and how to repair it."""

    rule: str
    topic: Topic
    verdict: Verdict
    citation: CitationAnswer | None
    message: TextAnswer
    fix: TextAnswer
    pointer: str = Field(description="JSON pointer into the push")
    span: tuple[int, int] | None = Field(description="code points from and to, end excluded")


class DecisionAnswer(Shown):
    """The worst verdict and all findings."""

    verdict: Verdict
    rule_set: str
    rule_pack: str
    findings: list[FindingAnswer]


class WarningAnswer(Shown):
    """A cap that all pushes share, four fifths of which are used in its window."""

    cap: str
    counts: Counts = Field(description="popups that reached somebody, or pushes released")
    used: int
    limit: int
    ends_at: datetime
    says: TextAnswer


class CheckAnswer(Shown):
    """What submitting the same push now would decide."""

    decision: DecisionAnswer
    warnings: list[WarningAnswer] = Field(description="caps that are nearly used up")


class ReviewAnswer(Shown):
    """Until when a person has to decide, how many pushes come first, and how long it may take."""

    deadline: datetime
    waiting_ahead: int
    estimated_wait_seconds: int | None = Field(
        description="at the pace of the last hour; null while nobody has ruled within it"
    )


class SubmittedAnswer(Shown):
    """A push that is stored, blocked or waiting for a person."""

    id: str
    state: PushState
    digest: str
    decision: DecisionAnswer
    review: ReviewAnswer | None
    warnings: list[WarningAnswer] = Field(description="caps that are nearly used up")


class BatchItemAnswer(Shown):
    """The result of one item: `push` under 201, else `problem`."""

    status: int
    push: SubmittedAnswer | None = None
    problem: dict[str, Any] | None = None


class BatchAnswer(Shown):
    """One result an item, in the order given."""

    results: list[BatchItemAnswer]


class PushAnswer(Shown):
    """A push as its sender sees it."""

    id: str
    state: PushState
    digest: str
    external_id: str | None
    kind: ContentKind
    surface: str
    title: str
    submitted_at: datetime
    expires_at: datetime
    decision: DecisionAnswer
    review: ReviewAnswer | None
    delivery: dict[str, int | None] | None = Field(description="recipients by outcome")
    left_out_by: dict[str, int] = Field(description="recipients that each cap has left out")
    shadow_caps: dict[str, int] = Field(description="recipients that shadow caps would have")
    exempted_by: dict[str, int] = Field(
        description="recipients that each exemption from caps has let through"
    )
    warnings: list[WarningAnswer] = Field(description="caps that it brought near their limits")


class PushPageAnswer(Shown):
    """Pushes, the newest first; `next_cursor` is null on the last page."""

    items: list[PushAnswer]
    next_cursor: str | None


class ChangeAnswer(BaseModel):
    """One change of state: when, from, to, who by role, and under which versions."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    at: datetime
    from_: PushState | None = Field(alias="from")
    to: PushState
    role: str
    versions: dict[str, str]


class TimelineAnswer(Shown):
    """Every change of state, the oldest first."""

    items: list[ChangeAnswer]


class WithdrawnAnswer(Shown):
    """How many recipients were spared, and from how many inboxes it was taken back."""

    id: str
    state: PushState
    stopped: int
    recalled: int


class RuleAnswer(Shown):
    """One rule in force."""

    id: str
    topic: Topic
    on_breach: Verdict
    citation: CitationAnswer
    clause: TextAnswer = Field(description="the clause in plain words")
    action: TextAnswer = Field(description="what the gateway does about it")


class DutyAnswer(Shown):
    """One duty that no rule states, with what becomes of it."""

    id: str
    placing: Placing = Field(description="what becomes of it; `planned` is not met yet")
    part: str | None = Field(description="the part of the gateway that sees to it")
    rules: list[str] = Field(description="ids of the rules that check it in part")
    area: Area | None = Field(description="the work that a planned duty belongs to")
    successor: str | None = Field(description="the clause of the text that replaced this one")
    source: Source = Field(description="how well the words of the clause are known")
    citation: DutyCitationAnswer
    duty: TextAnswer = Field(description="the duty in plain words")
    where: TextAnswer = Field(description="who sees to it")
    why: TextAnswer | None = Field(description="why no rule does")


class LimitAnswer(Shown):
    """One number that rules read from the rule pack in force."""

    name: str
    value: int
    unit: str = Field(description="`1/100` is a hundredth")
    says: TextAnswer = Field(description="what the number is for")
    source: str = Field(description="the clause that it comes from, or why the operator chose it")
    house: bool = Field(description="whether no rule in force gives this number")
    since: date = Field(description="the Beijing day from which it has this value")


class RulesAnswer(Shown):
    """Every rule in force, in the order of the law, the duties seen to elsewhere, the numbers."""

    rule_set: str
    rule_pack: str = Field(description="the version of the data that the numbers are part of")
    items: list[RuleAnswer]
    duties: list[DutyAnswer]
    limits: list[LimitAnswer]
