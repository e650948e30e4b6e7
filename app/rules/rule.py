"""One clause as a check, with what follows from a breach of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.push import ContentKind
from app.rules.features import Feature

Noticed = Breach | Unverifiable
Check = Callable[[Facts], Iterable[Noticed]]

NEWS: Final = frozenset({ContentKind.NEWS})
ADVERTISEMENTS: Final = frozenset({ContentKind.ADVERTISEMENT})
NO_ADVERTISEMENTS: Final = frozenset(ContentKind) - ADVERTISEMENTS
EVERYTHING: Final = frozenset(ContentKind)


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause that the gateway checks; its words stand in `wording/`, under its id.

    `check` only notices and never decides: `on_breach` is the verdict of what it notices, unless
    the breach itself asks for less. `also` names further clauses that the same check serves.
    The rule speaks of pushes of some `kinds` and has nothing to say of one without its `feature`;
    it does so from `in_force` to the day before `repealed`, both Beijing dates. A change of
    meaning is a new rule with a new date; the old one stays, repealed.
    """

    id: str
    topic: Topic
    citation: Citation
    in_force: date
    on_breach: Verdict
    check: Check
    repealed: date | None = None
    also: tuple[Citation, ...] = ()
    kinds: frozenset[ContentKind] = EVERYTHING
    feature: Feature | None = None

    @property
    def house(self) -> bool:
        """Whether this is a policy of the product and not a rule of law."""
        return self.citation.instrument.house

    def in_force_on(self, day: date) -> bool:
        """Tell whether the rule speaks on a Beijing date."""
        return self.in_force <= day and (self.repealed is None or day < self.repealed)
