"""What ids are called: people, providers and surfaces, looked up once for a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.console.session import Visit
from app.console.texts import Texts
from app.providers.register import RegisterSnapshot


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; an id that nobody knows stands for itself."""

    staff: Mapping[str, str]
    register: RegisterSnapshot

    def provider(self, provider_id: str) -> str:
        """Return how a provider is called in public."""
        found = self.register.provider(provider_id)
        return provider_id if found is None else found.display_name

    def surface(self, surface_id: str) -> str:
        """Return a surface's name."""
        found = self.register.surface(surface_id)
        return surface_id if found is None else found.name

    def person(self, person: str, t: Texts) -> str:
        """Return who `staff:stf_…`, `sender:snd_…` or `system:part` is."""
        kind, _, person_id = person.partition(":")
        if kind == "staff":
            return self.staff.get(person_id, person_id)
        if kind == "sender":
            sender = self.register.senders.get(person_id)
            return person_id if sender is None else f"{t('terms.role.sender')} {sender.name}"
        key = f"terms.role.{kind}"
        return t(key) if t.has(key) else person

    def provider_choices(self) -> tuple[tuple[str, str], ...]:
        """Return (id, name) of every provider, by name."""
        every = self.register.providers.values()
        pairs = ((one.id, one.display_name) for one in every)
        return tuple(sorted(pairs, key=lambda pair: pair[1]))

    def sender_choices(self) -> tuple[tuple[str, str], ...]:
        """Return (id, provider and name) of every sender, by name; names repeat over providers."""
        every = self.register.senders.values()
        pairs = ((one.id, f"{self.provider(one.provider_id)} · {one.name}") for one in every)
        return tuple(sorted(pairs, key=lambda pair: pair[1]))

    def sender(self, sender_id: str) -> str:
        """Return a sender's name."""
        found = self.register.senders.get(sender_id)
        return sender_id if found is None else found.name


async def names_for(visit: Visit) -> Names:
    """Return the names as of now."""
    return Names(await visit.services.staff.names(), await visit.services.register.current())
