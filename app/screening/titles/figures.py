"""Compare the facts that can be looked up: numbers, dates, people, places and bodies."""

from collections.abc import Iterator

from app.screening.titles.names import Name, foreign, is_named
from app.screening.titles.quantities import Quantity, agrees, instead, is_small, is_swapped
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.times import clash

_SURE = 100
_LIKELY = 60
_HINT = 30


def changed_numbers(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield numbers that contradict the original's, or that it does not have."""
    for number in ours.quantities:
        if number.is_weak:
            continue
        known = original.title.quantities
        if not any(agrees(number, one) for one in known):
            known = original.whole.quantities
        if any(agrees(number, one) for one in known):
            swapped = is_swapped(number, known)
            if swapped is not None:
                yield _number(number, swapped)
            continue
        old = instead(number, original.title.quantities) or instead(number, known)
        if old is not None:
            yield _number(number, old)
        elif not is_small(number) and not _is_written(number, original):
            yield Change("claim_added", number.span, _LIKELY, new=number.text)


def _number(ours: Quantity, theirs: Quantity) -> Change:
    return Change("number_changed", ours.span, _SURE, theirs.text, ours.text)


def _is_written(ours: Quantity, original: Original) -> bool:
    return ours.text in original.whole.plain


def changed_times(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield dates and times that contradict the original's."""
    for moment in ours.moments:
        if clash(moment, original.title.moments, original.published) is None:
            continue
        old = clash(moment, original.whole.moments, original.published)
        if old is not None:
            yield Change("time_changed", moment.span, _SURE, old.text, moment.text)


def changed_names(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield names that took the place of the original's, or that it does not have."""
    for name in ours.names:
        if is_named(name, original.whole.plain):
            continue
        old = next((one for one in original.title.names if _is_lost(one, name, ours)), None)
        span = (name.start, name.start + len(name.text))
        if old is not None:
            yield Change(f"{_KINDS[name.kind]}_changed", span, _SURE, old.text, name.text)
        else:
            weight = _HINT if name.kind == "latin" else _LIKELY
            yield Change("claim_added", span, weight, new=name.text)


_KINDS = {"person": "person", "place": "place", "body": "body", "latin": "body"}


def _is_lost(theirs: Name, ours: Name, text: Reading) -> bool:
    return theirs.kind == ours.kind and not is_named(theirs, text.plain)


def lost_country(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the foreign country that was left out, so that the news seems to be from here."""
    abroad = [one for one in original.title.names if one.text in foreign()]
    if not abroad or any(is_named(one, ours.plain) for one in abroad):
        return
    if not any(one.kind in {"person", "body", "latin", "place"} for one in ours.names):
        yield Change("place_dropped", (0, 0), _LIKELY, old=abroad[0].text)
