"""Limits that an admin sets: caps on how often a recipient sees a popup."""

from dataclasses import dataclass

from app.domain.push import ContentKind


@dataclass(frozen=True, slots=True)
class DailyCap:
    """At most `limit` pushes per recipient and calendar day in the recipient's time zone.

    `surface` and `kind` narrow what is counted; None counts all of them.
    `source` says where the number comes from; `house` marks a choice of ours.
    """

    id: str
    surface: str | None
    kind: ContentKind | None
    limit: int
    source: str
    house: bool

    def covers(self, surface: str, kind: ContentKind) -> bool:
        """Tell whether a push of `kind` on `surface` counts against this cap."""
        return self.surface in {None, surface} and self.kind in {None, kind}


@dataclass(frozen=True, slots=True)
class Policy:
    """A published version of all caps."""

    version: str
    caps: tuple[DailyCap, ...]

    def caps_for(self, surface: str, kind: ContentKind) -> tuple[DailyCap, ...]:
        """Return the caps that a push of `kind` on `surface` counts against."""
        return tuple(cap for cap in self.caps if cap.covers(surface, kind))
