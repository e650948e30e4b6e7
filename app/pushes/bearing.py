"""Which caps bear on a push: one value for all pushes on which the same do."""

from app.domain.facts import Caps, Unknown
from app.domain.policy import Policy
from app.domain.push import PushRequest


class Bearing:
    """Remembers what caps bear together, so that their stored form is written once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._policy: Policy | None = None
        self._known: dict[tuple[bool, ...], Caps] = {}

    def on(self, policy: Policy | None, push: PushRequest, provider: str) -> Caps | Unknown:
        """Return the caps of a policy that cover a push of this provider, later ones too."""
        if policy is None:
            return Unknown("no_policy_published", outage=True)
        if policy is not self._policy:
            self._policy, self._known = policy, {}
        covered = tuple(cap.covers.holds_for(push, provider) for cap in policy.caps)
        known = self._known.get(covered)
        if known is None:
            caps = tuple(cap for cap, holds in zip(policy.caps, covered, strict=True) if holds)
            known = self._known[covered] = Caps(policy.version, caps)
        return known
