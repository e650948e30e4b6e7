"""The day on which a decision is made: the law and the register count in Beijing days."""

from datetime import date, timedelta, timezone
from typing import Final

from app.domain.facts import Facts

_BEIJING: Final = timezone(timedelta(hours=8))


def today(facts: Facts) -> date:
    """Return the Beijing day of the decision."""
    return facts.now.astimezone(_BEIJING).date()
