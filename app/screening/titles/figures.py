"""Compare the facts that can be looked up: numbers, dates, people, places and bodies."""

from collections.abc import Iterator

from app.screening.titles.amounts import agrees, instead, is_small, is_swapped
from app.screening.titles.names import Name, foreign, is_listed, is_named
from app.screening.titles.numerals import numeral_of
from app.screening.titles.quantities import Quantity
from app.screening.titles.rates import is_same_rate
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.reckoned import is_derived
from app.screening.titles.times import Moment, clash
from app.screening.titles.weekdays import weekdays

_SURE = 100
_LIKELY = 60
_HINT = 25
_FULL_NAME = 3


def changed_numbers(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield numbers that contradict the original's, or that it does not have."""
    for number in ours.quantities:
        if number.is_weak:
            continue
        known, is_told = _nearest(number, original)
        if is_told:
            swapped = is_swapped(number, known)
            if swapped is not None:
                yield _number(number, swapped)
            continue
        if is_derived(number, ours, original.whole) or is_same_rate(number, ours, original.whole):
            continue
        old = instead(number, original.title.quantities) or instead(number, known)
        if old is not None:
            yield _number(number, old)
        elif not is_small(number) and not _is_written(number, original):
            yield Change("claim_added", number.span, _LIKELY, new=number.text, ground="number")


def _nearest(number: Quantity, original: Original) -> tuple[tuple[Quantity, ...], bool]:
    """Return the title's quantities where one agrees, else those of the whole; whether one does."""
    known = original.title.quantities
    if any(agrees(number, one) for one in known):
        return known, True
    known = original.whole.quantities
    return known, any(agrees(number, one) for one in known)


def _number(ours: Quantity, theirs: Quantity) -> Change:
    return Change("number_changed", ours.span, _SURE, theirs.text, ours.text)


def _is_written(ours: Quantity, original: Original) -> bool:
    """Say whether the original has the letters of a number, or a time of as many days or months."""
    plain = original.whole.plain
    if ours.text in plain or numeral_of(ours.low) + ours.follows[:1] in plain:
        return True
    units = _SPANS.get(ours.unit, ())
    return any(one.unit in units and one.value == f"{ours.low:g}" for one in original.whole.moments)


_SPANS = {"天": ("day",), "个月": ("until", "month"), "年": ("year",)}


def changed_times(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield dates and times that contradict the original's."""
    for moment in ours.moments:
        if ours.plain[max(0, moment.span[0] - 1) : moment.span[0]] in _THAN:
            continue
        part = _part_of_period(moment, original)
        if part is not None:
            yield Change("time_changed", moment.span, _LIKELY, part.text, moment.text, "period")
        old = _other_time(moment, ours, original)
        if old is not None:
            yield Change("time_changed", moment.span, _LIKELY, old.text, moment.text)
        told = any(one.unit == moment.unit for one in original.title.moments)
        if moment.unit == "week" and moment.value[-1] in weekdays(original.whole):
            continue
        named = told or moment.unit != "week"
        if named and clash(moment, original.title.moments, original.published) is None:
            continue
        old = clash(moment, original.whole.moments, original.published)
        if old is not None:
            yield Change("time_changed", moment.span, _SURE, old.text, moment.text)


def _part_of_period(moment: Moment, original: Original) -> Moment | None:
    """Return the months up to one that the popup names alone, as 10月 for 前10月."""
    if moment.unit != "month" or any(one.unit == "month" for one in original.whole.moments):
        return None
    whole = (one for one in original.whole.moments if one.unit == "until")
    return next((one for one in whole if one.value == moment.value), None)


def _other_time(moment: Moment, ours: Reading, original: Original) -> Moment | None:
    """Return the original's time where the popup has yesterday or tomorrow instead of it."""
    if moment.unit != "near" or moment.value == "今天":
        return None
    if any(one.value == moment.value for one in original.whole.moments):
        return None
    told = {one.value for one in ours.moments}
    other = (one for one in original.title.moments if one.unit in _RELATIVE)
    return next((one for one in other if one.value not in told), None)


_THAN = ("比", "较")
_RELATIVE = {"week", "weeks", "moon", "ago"}


def changed_names(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield names that took the place of the original's, or that it does not have."""
    for name in ours.names:
        if _is_guess(name, ours, original):
            continue
        if is_named(name, original.whole.plain):
            yield from _another_person(name, ours, original)
            continue
        old = next((one for one in original.title.names if _is_lost(one, name, ours)), None)
        span = (name.start, name.start + len(name.text))
        if old is not None:
            yield Change(f"{_KINDS[name.kind]}_changed", span, _SURE, old.text, name.text)
        else:
            is_sure = is_listed(name.text) or (
                name.kind == "person" and len(name.text) >= _FULL_NAME
            )
            weight = _LIKELY if is_sure else _HINT
            yield Change("claim_added", span, weight, new=name.text, ground="name")


def _is_guess(name: Name, ours: Reading, original: Original) -> bool:
    """Say whether a person is but letters that a count or the original's own words left over."""
    plain = original.whole.plain
    if name.kind != "person" or is_listed(name.text) or name.text in plain:
        return False
    if len(name.text) == _FULL_NAME and name.text[:2] in plain:
        return True
    is_cut = ours.plain[name.start - 1 : name.start].isdigit()
    return is_cut and all(letter in plain for letter in name.text)


def _another_person(name: Name, ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a person whom the original names further down, in the place of the one in its title."""
    if name.kind != "person" or is_named(name, original.title.plain):
        return
    people = [one for one in original.title.names if one.kind == "person"]
    if people and not any(is_named(one, ours.plain) for one in people):
        span = (name.start, name.start + len(name.text))
        yield Change("person_changed", span, _LIKELY, people[0].text, name.text)


_KINDS = {"person": "person", "place": "place", "body": "body", "latin": "body"}


def _is_lost(theirs: Name, ours: Name, text: Reading) -> bool:
    return theirs.kind == ours.kind and not is_named(theirs, text.plain)


def lost_country(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the foreign country that was left out, so that the news seems to be from here."""
    abroad = [one for one in original.title.names if one.text in foreign()]
    if not abroad or any(is_named(one, ours.plain) for one in abroad):
        return
    if not ours.marks.any_of("grave", "hurt", "death", "generic", "verdict", "punish"):
        return
    if not any(one.kind in {"person", "body", "latin", "place"} for one in ours.names):
        yield Change("place_dropped", (0, 0), _LIKELY, old=abroad[0].text)
