"""The timeline of a push: changes of its state, and what people did in between."""

from dataclasses import dataclass
from datetime import datetime

from app.console.desk.findings import topic_words
from app.console.desk.names import Names
from app.console.texts import Texts
from app.domain.state import PushState
from app.pushes.records import Transition
from app.pushes.views import Dossier
from app.review.pass_repository import Pass
from app.review.ruling_repository import StoredRuling


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state, a ruling or a passing on of the ticket (`way`) that changed none.

    `notes` are label and text of what goes with it.
    """

    at: datetime
    from_state: str
    to_state: str
    role: str
    person: str
    notes: tuple[tuple[str, str], ...]
    way: str = ""


def steps_of(dossier: Dossier, names: Names, t: Texts) -> tuple[Step, ...]:
    """Return everything that happened, the first first."""
    changes = [_step(one, names, t) for one in dossier.timeline]
    passed = [_passed(one, names, t) for one in dossier.passes]
    told = {str(one.note.get("ruling")) for one in dossier.timeline}
    quiet = [_quiet(one, names, t) for one in dossier.rulings if one.ruling.id not in told]
    return tuple(sorted([*changes, *passed, *quiet], key=lambda step: step.at))


def _passed(one: Pass, names: Names, t: Texts) -> Step:
    notes = ((t("desk.pass.reason"), one.reason),) if one.reason else ()
    person = names.staff.get(one.staff_id, one.staff_id)
    return Step(one.passed_at, "", "", "staff", person, notes, one.way.value)


def _quiet(stored: StoredRuling, names: Names, t: Texts) -> Step:
    """Return a ruling of one of two, by itself without effect, as a step."""
    ruling = stored.ruling
    note: dict[str, object] = {
        "verdict": ruling.verdict.value,
        "clause": ruling.clause,
        "reason": ruling.reason,
    }
    return Step(
        at=ruling.given_at,
        from_state=PushState.IN_REVIEW.value,
        to_state=PushState.IN_REVIEW.value,
        role="reviewer",
        person=names.person(ruling.reviewer, t),
        notes=tuple(_notes(note, t)),
    )


def _step(transition: Transition, names: Names, t: Texts) -> Step:
    before = transition.from_state
    return Step(
        at=transition.at,
        from_state="" if before is None else before.value,
        to_state=transition.to_state.value,
        role=transition.role,
        person=names.person(transition.actor, t),
        notes=tuple(_notes(transition.note, t)),
    )


def _notes(note: dict[str, object], t: Texts) -> list[tuple[str, str]]:
    lines = []
    for name, value in note.items():
        key = f"terms.note.{name}"
        if value in (None, "", []) or not t.has(key):
            continue
        text = _listed(value, t) if isinstance(value, list) else str(value)
        spoken = f"terms.note_value.{text}"
        lines.append((t(key), t(spoken) if t.has(spoken) else text))
    return lines


def _listed(rules: list[object], t: Texts) -> str:
    """Return rule ids as the topics that a reader knows."""
    names = dict.fromkeys(topic_words(str(rule), t) for rule in rules)
    return ("、" if t.language == "zh" else ", ").join(names)
