"""The webhook channel: the operator's own server takes the envelope and shows it."""

import orjson

from app.delivery.channel import Handed, HandOver
from app.delivery.outcomes import Outcome
from app.egress.signed_post import Heard, SignedPost, Target
from app.providers.service import Register

_MEANING = {
    Heard.ACCEPTED: Outcome.ACCEPTED,
    Heard.NOT_NOW: Outcome.WAITING,
    Heard.REFUSED: Outcome.FAILED,
    Heard.GONE: Outcome.FAILED,
    Heard.UNKNOWN: Outcome.STARTED,
}


class WebhookChannel:
    """Posts one batch to the surface's address; the receiver de-duplicates by event id."""

    def __init__(self, register: Register, post: SignedPost) -> None:
        """Take each surface's address and secret from the register."""
        self._register = register
        self._post = post

    async def send(self, hand_over: HandOver) -> Handed:
        """Post the envelope with the recipients of this batch."""
        row = hand_over.row
        surface = (await self._register.current()).surface(row.surface_id)
        if surface is None or surface.webhook_url is None or surface.webhook_secret is None:
            outcomes = dict.fromkeys(hand_over.recipients, Outcome.FAILED)
            return Handed(outcomes, "the surface has no webhook address")
        body = orjson.dumps(
            {
                "event_id": hand_over.event_id,
                "type": "popup.release",
                "surface": row.surface_id,
                "push": row.push_id,
                "release": row.release_id,
                "recipients": list(hand_over.recipients),
                "envelope": orjson.Fragment(hand_over.envelope),
            }
        )
        target = Target(surface.webhook_url, surface.webhook_secret, surface.id)
        reply = await self._post.send(target, hand_over.event_id, body)
        outcomes = dict.fromkeys(hand_over.recipients, _MEANING[reply.heard])
        return Handed(outcomes, reply.detail, reply.retry_after)
