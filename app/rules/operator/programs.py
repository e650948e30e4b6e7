"""What a condition is compiled to: closures over facts, with a third value for what is missing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.domain.decision import Span
from app.domain.facts import Facts, Unknown
from app.rules.operator.fields import Field, Place


@dataclass(slots=True)
class Trace:
    """What a run of a condition noticed: places that made it true, facts that were missing."""

    places: list[tuple[str, Span | None]] = field(default_factory=list)
    missing: list[Unknown] = field(default_factory=list)


Truth = bool | None
"""None: a fact that it hangs on is missing (Kleene's third value)."""
Program = Callable[[Facts, Trace], Truth]
Numbers = Callable[[Facts, Trace], int | None]
Test = Callable[[str], Span | None]
"""Where in a text something is, as a half-open range; None where it is not."""


def all_of(parts: list[Program]) -> Program:
    """Return what is true where all parts are, false where one is, else unknown."""

    def run(facts: Facts, trace: Trace) -> Truth:
        missing, before = False, len(trace.places)
        for part in parts:
            found = part(facts, trace)
            if found is False:
                del trace.places[before:]
                return False
            missing = missing or found is None
        return None if missing else True

    return run


def any_of(parts: list[Program]) -> Program:
    """Return what is true where one part is, false where none is, else unknown."""

    def run(facts: Facts, trace: Trace) -> Truth:
        missing = False
        for part in parts:
            found = part(facts, trace)
            if found:
                return True
            missing = missing or found is None
        return None if missing else False

    return run


def negated(inner: Program) -> Program:
    """Turn true and false round; what is unknown stays so."""

    def run(facts: Facts, trace: Trace) -> Truth:
        # A place that made the inside true says nothing of why its opposite holds.
        own = Trace(missing=trace.missing)
        found = inner(facts, own)
        return None if found is None else not found

    return run


def is_there(wanted: Field) -> Program:
    """Return what is true where the push has that part and it is not empty."""

    def run(facts: Facts, trace: Trace) -> Truth:
        places = _places(wanted, facts, trace)
        if places is None:
            return None
        present = [place for place in places if place.value not in ("", None)]
        trace.places.extend((place.pointer, None) for place in present)
        return bool(present)

    return run


def has_value(of: Field, *, wanted: bool) -> Program:
    """Return what is true where a field of truth has the wanted value."""

    def run(facts: Facts, trace: Trace) -> Truth:
        places = _places(of, facts, trace)
        if places is None:
            return None
        met = [place for place in places if place.value is wanted]
        trace.places.extend((place.pointer, None) for place in met)
        return bool(met)

    return run


def some_place(wanted: Field, test: Test) -> Program:
    """Return what is true where the test finds something in one of a field's texts."""

    def run(facts: Facts, trace: Trace) -> Truth:
        places = _places(wanted, facts, trace)
        if places is None:
            return None
        for place in places:
            span = test(str(place.value))
            if span is not None:
                trace.places.append((place.pointer, span))
                return True
        return False

    return run


def number_of(wanted: Field) -> Numbers:
    """Read a field of numbers."""

    def number(facts: Facts, trace: Trace) -> int | None:
        places = _places(wanted, facts, trace)
        if not places:
            return _ABSENT if places is not None else None
        trace.places.append((places[0].pointer, None))
        return int(places[0].value)

    return number


def length_of(wanted: Field) -> Numbers:
    """Count the code points of the longest text of a field; 0 where there is none."""

    def number(facts: Facts, trace: Trace) -> int | None:
        places = _places(wanted, facts, trace)
        if places is None:
            return None
        return max((len(str(place.value)) for place in places), default=0)

    return number


_ABSENT: Final = -(1 << 62)
"""The number of a part that the push does not have: every comparison with it is false."""


def compared(number: Numbers, test: Callable[[int], bool]) -> Program:
    """Return what is true where a number passes; false where the push has no such part."""

    def run(facts: Facts, trace: Trace) -> Truth:
        own = Trace(missing=trace.missing)
        value = number(facts, own)
        if value is None:
            return None
        met = value != _ABSENT and test(value)
        if met:
            trace.places.extend(own.places)
        return met

    return run


def _places(wanted: Field, facts: Facts, trace: Trace) -> tuple[Place, ...] | None:
    found = wanted.read(facts)
    if isinstance(found, Unknown):
        trace.missing.append(found)
        return None
    return found
