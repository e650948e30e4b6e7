"""Reading and writing how many users each vendor has on a surface, and what was sent there."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.db.session import Tx
from app.delivery.models import outbox, vendor_users
from app.delivery.outcomes import USED
from app.domain.vendor_quotas import REST, AppClass, VendorUsers
from app.frequency.keys import BUCKETS, bucket_of, qualified


def users_of(tx: Tx, surface_id: str) -> tuple[VendorUsers, ...]:
    """Return the users of a surface by vendor; none until somebody has entered them."""
    query = select(vendor_users).where(vendor_users.c.surface_id == surface_id)
    found = [
        VendorUsers(row.vendor, row.users, AppClass(row.app_class)) for row in tx.execute(query)
    ]
    return tuple(sorted(found, key=lambda one: (one.vendor == REST, one.vendor)))


def surfaces_with_users(tx: Tx) -> list[str]:
    """Return the surfaces of which the vendors are known."""
    return sorted(tx.execute(select(vendor_users.c.surface_id).distinct()).scalars())


def replace_users(tx: Tx, surface_id: str, users: Sequence[VendorUsers]) -> None:
    """Replace what is known of a surface."""
    tx.execute(delete(vendor_users).where(vendor_users.c.surface_id == surface_id))
    if users:
        tx.execute(
            insert(vendor_users),
            [
                {
                    "surface_id": surface_id,
                    "vendor": one.vendor,
                    "users": one.users,
                    "app_class": one.app_class.value,
                }
                for one in users
            ],
        )


def got_between(
    tx: Tx, surface_id: str, since: datetime, until: datetime, only: Collection[str] | None = None
) -> Counter[str]:
    """Return how much each recipient of a surface got of what was released in a time.

    `only` names those who matter; None: everybody.
    """
    query = select(outbox.c.recipients, outbox.c.outcomes).where(
        outbox.c.created_at >= since,
        outbox.c.created_at < until,
        outbox.c.surface_id == surface_id,
    )
    wanted = None if only is None else frozenset(only)
    if wanted is not None:
        buckets = {bucket_of(qualified(surface_id, token)) for token in wanted}
        if len(buckets) < BUCKETS:
            query = query.where(outbox.c.bucket.in_(buckets))
    got: Counter[str] = Counter()
    for row in tx.execute(query.execution_options(yield_per=500)):
        got.update(
            token
            for token, letter in zip(row.recipients, row.outcomes, strict=True)
            if letter in USED and (wanted is None or token in wanted)
        )
    return got


def sent_between(tx: Tx, surface_id: str, since: datetime, until: datetime) -> int:
    """Return how many messages a surface sent of what was released in a time."""
    query = select(outbox.c.outcomes).where(
        outbox.c.created_at >= since,
        outbox.c.created_at < until,
        outbox.c.surface_id == surface_id,
    )
    rows = tx.execute(query.execution_options(yield_per=500))
    return sum(row.outcomes.count(letter) for row in rows for letter in USED)
