"""Which topics caps may name: those that two persons have registered."""

from collections.abc import Collection, Iterator, Sequence

from app.domain.policy import Cap
from app.domain.policy_faults import PolicyFault


def unregistered(
    caps: Sequence[Cap], in_force: Sequence[Cap], registered: Collection[str]
) -> Iterator[PolicyFault]:
    """Find the topics of proposed caps that nobody has registered, in the order of the caps.

    A cap of the policy `in_force` may go on naming what it names.
    """
    standing = {cap.id: set(cap.covers.topics) for cap in in_force}
    for at, cap in enumerate(caps):
        known = {*registered, *standing.get(cap.id, ())}
        for topic in dict.fromkeys(cap.covers.topics):
            if topic not in known:
                pointer = f"/caps/{at}/covers/topics"
                yield PolicyFault(pointer, "topic_unregistered", {"topic": topic[:64]})
