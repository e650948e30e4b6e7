"""What caps have done to one push, and which of them are nearly used up for it, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.console.pages.topics import topic_names
from app.console.session import Visit
from app.domain.cap_use import CapUse
from app.domain.state import PushState, may_become
from app.policy.sentences import sentence
from app.pushes.views import Dossier


@dataclass(frozen=True, slots=True)
class CapCount:
    """A cap in words, as far as the policy in force still has it, and how many it is about."""

    id: str
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class CapWarning:
    """A cap that is nearly used up, in words, and how far."""

    use: CapUse
    words: str


@dataclass(frozen=True, slots=True)
class PushCaps:
    """By cap whom a push has not reached, or would not have as a shadow, and what is nearly full.

    `warnings` are of caps that it has brought near their limit; while it may still go
    (`is_to_come`), of those that it would count for.
    """

    left_out: tuple[CapCount, ...]
    shadowed: tuple[CapCount, ...]
    warnings: tuple[CapWarning, ...]
    is_to_come: bool


async def push_caps(visit: Visit, dossier: Dossier) -> PushCaps:
    """Return what is to be said of caps about a push."""
    words = await _words(visit)
    is_to_come = dossier.release_id is None and may_become(dossier.push.state, PushState.WITHDRAWN)
    uses = dossier.warnings
    if is_to_come:
        provider = dossier.push.provider_id
        uses = tuple(await visit.services.pushes.warnings(provider, dossier.request))
    return PushCaps(
        _counts(dossier.left_out, words),
        _counts(dossier.shadowed, words),
        tuple(CapWarning(use, words.get(use.cap_id, use.cap_id)) for use in uses),
        is_to_come,
    )


async def _words(visit: Visit) -> dict[str, str]:
    register = await visit.services.register.current()
    called = {one.id: one.name for one in register.surfaces.values()}
    called |= {one.id: one.display_name for one in register.providers.values()}
    called |= await topic_names(visit)
    policy = await visit.services.policies.active()
    caps = () if policy is None else policy.caps
    return {cap.id: visit.t.say(sentence(cap, called)) for cap in caps}


def _counts(numbers: Mapping[str, int], words: Mapping[str, str]) -> tuple[CapCount, ...]:
    most = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    return tuple(CapCount(name, words.get(name, name), number) for name, number in most)
