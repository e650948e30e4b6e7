"""What was released in the past, as a replay of caps of pushes asks for it."""

from collections.abc import Iterator
from datetime import datetime

import orjson

from app.db.session import Tx
from app.delivery.past_repository import PastRelease, past_releases
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency.bearing import Sending
from app.frequency.replayed import PastPush
from app.pushes.trial_repository import endings_of


def past_pushes(tx: Tx, since: datetime, until: datetime) -> Iterator[PastPush]:
    """Yield what was released in a time, the oldest first; equal sendings are one."""
    known: dict[Sending, Sending] = {}
    for some in past_releases(tx, since, until):
        endings = endings_of(tx, [one.push_id for one in some])
        for one in some:
            expires_at, canonical = endings[one.push_id]
            sending = _sending(one, canonical)
            sending = known.setdefault(sending, sending)
            yield PastPush(one.push_id, one.released_at, expires_at, sending)


def _sending(one: PastRelease, canonical: bytes) -> Sending:
    """Return what caps may ask of a push; its classes are those that it came with."""
    asked = orjson.loads(canonical)["push"]
    # Pushes of earlier versions have no content class.
    named = asked.get("content_class")
    return Sending(
        ContentKind(one.kind),
        one.surface_id,
        one.provider_id,
        one.topic,
        None if named is None else ContentClass(named),
        MinorsAudience(asked["minors"]),
    )
