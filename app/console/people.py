"""The names of the people behind the ids that records hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.console.session import Visit


@dataclass(frozen=True, slots=True)
class Names:
    """Staff by id; anything else that acts is shown in the reader's words."""

    staff: Mapping[str, str]
    gateway: str

    def of(self, actor: str | None) -> str:
        """Return a name for `stf_…`, `staff:stf_…` or `system:…`; others as they are."""
        if actor is None:
            return ""
        kind, _, name = actor.rpartition(":")
        if kind == "system":
            return f"{self.gateway} {name}"
        return self.staff.get(name, name)


async def names(visit: Visit) -> Names:
    """Return the names of everybody there ever was."""
    people = await visit.services.staff.everybody()
    return Names({one.id: one.name for one in people}, visit.t("app.gateway"))
