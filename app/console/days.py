"""Days that an address names, from the first to the last one asked for."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from app.clock import BEIJING, beijing_day
from app.console.forms import Fault, Form, filled
from app.console.session import Visit

_WEEK: Final = 6
# Days at the ends of the calendar have no neighbours, and nothing happened in them.
_FIRST, _LAST = date(2000, 1, 1), date(2999, 1, 1)

Span = tuple[datetime, datetime]
"""From an instant to just before another."""


def day_in(text: str) -> date | None:
    """Return the day that a text names, None for none or one at the ends of the calendar."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _FIRST <= found <= _LAST else None


def span_of(first: date, last: date) -> Span:
    """Return the time from the start of one Beijing day to the end of another."""
    start, end = (
        datetime.combine(day, time(), BEIJING) for day in (first, last + timedelta(days=1))
    )
    return start, end


def asked_days(visit: Visit, most: int, others: Iterable[str] = ()) -> tuple[Span, Form]:
    """Return the time that `from` and `to` name, and the form with them and the `others`.

    At most `most` days; the last seven where nothing is named well.
    """
    today = beijing_day(visit.now())
    given = {name: visit.query(name) for name in ("from", "to", *others)}
    first, last = day_in(given["from"]), day_in(given["to"])
    faults = [
        Fault(name, visit.t("usage.bad_day"))
        for name, day in (("from", first), ("to", last))
        if given[name] and day is None
    ]
    last = last or today
    first = first or last - timedelta(days=_WEEK)
    if not faults and not 0 <= (last - first).days < most:
        faults.append(Fault("from", visit.t("usage.bad_span", days=most)))
    if faults:
        first, last = today - timedelta(days=_WEEK), today
    shown = given | {"from": given["from"] or str(first), "to": given["to"] or str(last)}
    return span_of(first, last), Form(filled(shown).values, tuple(faults))
