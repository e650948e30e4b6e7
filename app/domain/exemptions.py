"""Exemptions from caps: which pushes a named few caps do not stop, from one instant to another.

Like the policy's, their keys are a closed set, and none is about a customer (promise 11).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.policy import Cap, Mode
from app.domain.values import dataclass

MOST_LIVE: Final = 5
"""How many may be in force or about to be: a rule that needs more exceptions is a wrong rule."""
LONGEST: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Exempted:
    """Which pushes an exemption is about; what is empty is not asked about, one is not."""

    surfaces: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def include(self, surface: str, provider: str, topic: str | None) -> bool:
        """Tell whether a push is among them; with nothing named none is."""
        return (
            any((self.surfaces, self.providers, self.topics))
            and (not self.surfaces or surface in self.surfaces)
            and (not self.providers or provider in self.providers)
            and (not self.topics or topic in self.topics)
        )


@dataclass(frozen=True, slots=True)
class Exemption:
    """Caps, by id, that do not stop some pushes from `starts_at` until just before `ends_at`."""

    id: str
    caps: tuple[str, ...]
    pushes: Exempted
    starts_at: datetime
    ends_at: datetime

    def is_live(self, at: datetime) -> bool:
        """Tell whether it is in force at an instant."""
        return self.starts_at <= at < self.ends_at


def eased(caps: Iterable[Cap], exemptions: Iterable[Exemption]) -> tuple[list[Cap], dict[str, str]]:
    """Return caps as they bear on a push that all these exemptions are about.

    What is exempted goes on counting and stops nothing, like a shadow cap; the second value names
    the exemption by cap, the earliest if there are several.
    """
    let: dict[str, str] = {}
    for one in sorted(exemptions, key=lambda one: (one.starts_at, one.id)):
        for cap_id in one.caps:
            let.setdefault(cap_id, one.id)
    found = list(caps)
    let = {cap.id: let[cap.id] for cap in found if cap.binds and cap.id in let}
    return [replace(cap, mode=Mode.SHADOW) if cap.id in let else cap for cap in found], let


def live(exemptions: Iterable[Exemption], at: datetime) -> tuple[Exemption, ...]:
    """Return those in force at an instant."""
    return tuple(one for one in exemptions if one.is_live(at))


Noted = Mapping[str, Mapping[str, list[int]]]
"""Places of recipients in an outbox row, by exemption and the cap that it eased for them."""


def moved(noted: Noted, stay: Sequence[int]) -> dict[str, dict[str, list[int]]]:
    """Return what a row notes once only the recipients at the places `stay` are left in it."""
    place = {before: after for after, before in enumerate(stay)}
    return {
        exemption: {cap: [place[at] for at in places if at in place] for cap, places in by.items()}
        for exemption, by in noted.items()
    }


def let_through(noted: Noted, outcomes: str, used: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return how many recipients each exemption has let through, by cap; all of them under "".

    `outcomes` has a letter a recipient; only those whose letter is in `used` got the push.
    """
    letters = frozenset(used)
    found: dict[str, dict[str, int]] = {}
    for exemption, by_cap in noted.items():
        got = {
            cap: {place for place in places if outcomes[place] in letters}
            for cap, places in by_cap.items()
        }
        everybody = set().union(*got.values())
        if everybody:
            found[exemption] = {"": len(everybody)} | {
                cap: len(places) for cap, places in sorted(got.items()) if places
            }
    return found
