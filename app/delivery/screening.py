"""Whom a row may reach now: not those who refused, are minors, or have no inbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.db.session import Tx
from app.delivery.outcomes import Outcome
from app.delivery.repository import OutboxRow
from app.domain.push import ContentKind, MinorsAudience
from app.recipients import repository as recipients
from app.recipients.repository import Minor


@dataclass(frozen=True, slots=True)
class Addressees:
    """The tokens that may still be reached, their time zones, and why others may not.

    `surface_zone` is the time zone of the surface that they are recipients of.
    """

    open: tuple[str, ...]
    zones: Mapping[str, str]
    left_out: Mapping[str, Outcome]
    surface_zone: str


def addressees(tx: Tx, row: OutboxRow, surface_zone: str) -> Addressees:
    """Look at every waiting recipient of a row, as things stand in this transaction."""
    waiting = [
        token
        for token, letter in zip(row.recipients, row.outcomes, strict=True)
        if letter == Outcome.WAITING
    ]
    refused = recipients.standing_refusals(
        tx, row.surface_id, waiting, ContentKind(row.kind), personalised=row.personalised
    )
    known = recipients.minors(tx, row.surface_id, waiting)
    left_out: dict[str, Outcome] = {}
    for token in waiting:
        if token in refused:
            left_out[token] = Outcome.REFUSED
        elif row.channel == "inbox" and token not in known:
            left_out[token] = Outcome.UNREGISTERED
        elif _is_kept_from(row, known.get(token, Minor.UNKNOWN)):
            left_out[token] = Outcome.MINOR
    chosen = recipients.time_zones(tx, row.surface_id, waiting)
    open_tokens = tuple(token for token in waiting if token not in left_out)
    zones = {token: chosen.get(token, surface_zone) for token in open_tokens}
    return Addressees(open_tokens, zones, left_out, surface_zone)


def _is_kept_from(row: OutboxRow, minor: Minor) -> bool:
    """Tell whether the push must not reach this person for their age.

    Who is not known to be an adult gets no advertisement chosen by automated means
    (未成年人网络保护条例 art. 24(3)).
    """
    if row.minors == MinorsAudience.ONLY.value:
        return minor is Minor.NO
    if minor is Minor.YES:
        return row.minors == MinorsAudience.EXCLUDED.value
    is_targeted_ad = row.personalised and row.kind == ContentKind.ADVERTISEMENT.value
    return is_targeted_ad and minor is Minor.UNKNOWN
