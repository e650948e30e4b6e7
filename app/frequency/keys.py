"""Names in the counters: which bucket a recipient belongs to and what its keys are called.

All keys of a bucket share a hash tag, so that a cluster keeps them together and one script may
touch them all. A recipient is hashed: keys stay short and no token stands in the counters.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

from app.frequency.store import LARGEST_BATCH

BUCKETS = 64
BLOCK_BUCKETS = 16
"""How many buckets of blocks follow those of the recipients."""
LAYOUT = 1
LEDGER_KEY = "pg:ledger"
LEDGER_MARK = f"layout={LAYOUT} buckets={BUCKETS}"

_COUNTER_BYTES = 4
_BLOCK_COUNTER_BYTES = 6
_REMEMBERED = 1 << 14
_RESERVATION_BYTES = 6


def qualified(surface_id: str, token: str) -> str:
    """Return how the ledger writes a recipient: its token, which is unique per surface."""
    return f"{surface_id}/{token}"


def everyone_on(surface_id: str) -> str:
    """Return how the ledger writes all recipients of a surface, for broadcasts."""
    return f"everyone@{surface_id}"


@lru_cache(_REMEMBERED)
def place(recipient: str) -> tuple[int, str]:
    """Return a recipient's bucket (0 to 63) and the key of its record.

    A batch asks several times in a row; what is remembered is a few megabytes.
    """
    digest = blake2b(recipient.encode(), digest_size=13).digest()
    bucket = digest[0] % BUCKETS
    return bucket, f"pg:{{{bucket}}}r{urlsafe_b64encode(digest[1:]).decode()}"


def block_place(cap_id: str, subject: str) -> tuple[int, str]:
    """Return the bucket (64 to 79) and the key of what a subject uses of a cap."""
    digest = blake2b(f"{cap_id}\0{subject}".encode(), digest_size=13).digest()
    bucket = BUCKETS + digest[0] % BLOCK_BUCKETS
    return bucket, f"pg:{{{bucket}}}b{urlsafe_b64encode(digest[1:]).decode()}"


def started_key(bucket: int, block_id: str) -> str:
    """Return the key under which a bucket remembers a block that was started."""
    return f"pg:{{{bucket}}}s{block_id}"


def bucket_of(recipient: str) -> int:
    """Return a recipient's bucket, 0 to 63."""
    return place(recipient)[0]


def batches(
    recipients: Iterable[str], size: int = LARGEST_BATCH
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Split recipients into batches of one bucket each, in order of buckets, at most `size`."""
    if not 1 <= size <= LARGEST_BATCH:
        raise ValueError(f"a batch holds 1 to {LARGEST_BATCH} recipients")
    buckets: dict[int, list[str]] = {}
    for recipient in recipients:
        buckets.setdefault(bucket_of(recipient), []).append(recipient)
    for bucket, members in sorted(buckets.items()):
        for first in range(0, len(members), size):
            yield bucket, tuple(members[first : first + size])


def head_key(bucket: int) -> str:
    """Return the key under which a bucket carries its ledger and its last number."""
    return f"pg:{{{bucket}}}h"


def reservation_key(bucket: int, reservation_id: str) -> str:
    """Return the key under which a bucket remembers the answer to a reservation."""
    return f"pg:{{{bucket}}}v{reservation_id}"


def reservation_mark(reservation_id: str) -> bytes:
    """Return the 6 bytes by which a recipient's record knows a reservation."""
    return blake2b(reservation_id.encode(), digest_size=_RESERVATION_BYTES).digest()


def counter_mark(cap_id: str, window: str) -> bytes:
    """Return the 4 bytes by which a recipient's record knows a cap in a window.

    If two of the few in one record were the same they would be counted together, so for less.
    """
    return block_counter_mark(cap_id, window)[:_COUNTER_BYTES]


def block_counter_mark(cap_id: str, window: str) -> bytes:
    """Return the 6 bytes by which the record of a cap of all recipients knows a window."""
    return blake2b(f"{cap_id}\0{window}".encode(), digest_size=_BLOCK_COUNTER_BYTES).digest()
