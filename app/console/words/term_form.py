"""A term as a form holds it: one line a phrase, boxes for the disguises."""

from dataclasses import replace
from typing import Final

from app.console.forms import Fault, Form, filled
from app.console.session import Visit
from app.domain.screening import Severity, Technique
from app.packs.content import TermEntry
from app.packs.trying import Fault as ExampleFault

_LISTS: Final = ("exceptions", "must_hit", "must_pass")

# Spelling, not disguise: always looked for.
SWITCHED: Final = tuple(technique for technique in Technique if technique.is_evasion)


def form_of(entry: TermEntry, default_clause: str) -> Form:
    """Return the form that shows an entry; a clause that is the list's stays empty."""
    return filled(
        {
            "text": entry.text,
            "mark": entry.mark.value,
            "clause": "" if entry.clause == default_clause else entry.clause,
            "reason": entry.reason,
            "source": entry.source,
            "exceptions": "\n".join(entry.exceptions),
            "must_hit": "\n".join(entry.must_hit),
            "must_pass": "\n".join(entry.must_pass),
            **{f"switch_{one.value}": _switch(entry, one) for one in SWITCHED},
        }
    )


def entry_of(visit: Visit, list_id: str) -> TermEntry:
    """Return what was typed as an entry; a mark that there is not counts as hold."""
    marks = {severity.value: severity for severity in Severity}
    phrases = {name: _lines(visit.field(name)) for name in _LISTS}
    entry = TermEntry(
        list_id=list_id,
        text=visit.field("text").strip(),
        mark=marks.get(visit.field("mark"), Severity.HOLD),
        clause=visit.field("clause").strip(),
        reason=visit.field("reason").strip(),
        source=visit.field("source").strip(),
        exceptions=phrases["exceptions"],
        must_hit=phrases["must_hit"],
        must_pass=phrases["must_pass"],
    )
    chosen = {one: visit.field(f"switch_{one.value}") for one in SWITCHED}
    return replace(
        entry,
        off=frozenset(one for one, how in chosen.items() if how == "off"),
        on=frozenset(one for one, how in chosen.items() if how == "on"),
    )


def with_faults(visit: Visit, form: Form, faults: tuple[ExampleFault, ...]) -> Form:
    """Return the form with the examples that failed, each at its field."""
    found = tuple(
        Fault(fault.problem.pointer.strip("/"), visit.t.say(fault.problem.message))
        for fault in faults
    )
    return replace(form, faults=(*form.faults, *found))


def _switch(entry: TermEntry, technique: Technique) -> str:
    if technique in entry.off:
        return "off"
    return "on" if technique in entry.on else ""


def _lines(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line))
