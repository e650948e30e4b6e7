"""The filing that covers the model of a personalised push."""

from app.domain.facts import Facts
from app.domain.registers import AlgorithmFiling


def named_model(facts: Facts) -> str | None:
    """Return the model that chose the recipients; None where none is used or none is named."""
    chosen = facts.push.personalisation
    name = (chosen.model or "").strip()
    return name if chosen.used and name else None


def filing(facts: Facts) -> AlgorithmFiling | None:
    """Return the newest filing that covers the model of the push, one with a number first."""
    name = named_model(facts)
    covering = [one for one in facts.provider.on_file.algorithms if name in one.models]
    numbered = [one for one in covering if one.number is not None]
    return next(reversed(numbered or covering), None)
