"""What the scripts are given and what they answer, as bytes."""

import struct
from collections.abc import Sequence
from typing import Final

from app.errors import CountersUnavailable, Words
from app.frequency import keys
from app.frequency.store import CapWindow, Counted, Full, Reservation, Reserved

_COUNT: Final = struct.Struct(">H")


def deadline(reservation: Reservation) -> int:
    """Return when the reservation lapses: no later than the first of its windows closes."""
    ends = [cap.ends_at for group in reservation.groups for cap in group.caps]
    return int(min([reservation.expires_at, *ends]).timestamp())


def request(reservation: Reservation) -> tuple[list[str], list[bytes]]:
    """Return the keys and, packed, the groups' numbers and caps as `reserve.lua` reads them."""
    names = [keys.reservation_key(reservation.bucket, reservation.id)]
    numbers = bytearray()
    packed = []
    for number, group in enumerate(reservation.groups, start=1):
        for recipient in group.recipients:
            bucket, name = keys.place(recipient)
            if bucket != reservation.bucket:
                raise ValueError(
                    f"recipient of bucket {bucket} in a reservation of {reservation.bucket}"
                )
            names.append(name)
            numbers.append(number)
        packed.append(b"".join(_pack(cap, reservation) for cap in group.caps))
    return names, [bytes(numbers), *packed]


def _pack(cap: CapWindow, reservation: Reservation) -> bytes:
    limit = cap.broadcast_share if reservation.broadcast else cap.own_limit
    mark = keys.counter_mark(cap.cap_id, cap.window)
    return mark + struct.pack(">IH", int(cap.ends_at.timestamp()), limit)


def counters(counted: Sequence[Counted]) -> bytes:
    """Return one recipient's counters as `restore.lua` reads them."""
    return b"".join(
        keys.counter_mark(one.cap_id, one.window)
        + struct.pack(">IH", int(one.ends_at.timestamp()), one.used)
        for one in counted
    )


def those(recipients: Sequence[str], answer: bytes) -> frozenset[str]:
    """Return the recipients for whom a script answered 1."""
    return frozenset(
        recipient for recipient, yes in zip(recipients, answer, strict=True) if yes == ord("1")
    )


def counts(answer: bytes, number: int) -> tuple[int, ...]:
    """Return the counts that `use.lua` answered; CountersUnavailable unless there are so many."""
    if len(answer) != number * _COUNT.size:
        raise CountersUnavailable(
            Words(
                f"计数器的答复长度不符：{len(answer)} 字节，应有 {number} 个数",
                f"the counters answered {len(answer)} bytes instead of {number} counts",
            )
        )
    return tuple(count for (count,) in _COUNT.iter_unpack(answer))


def outcome(reservation: Reservation, answer: bytes) -> Reserved:
    """Return what `reserve.lua` answered."""
    granted, full = [], []
    pairs = struct.iter_unpack(">BH", answer)
    for group in reservation.groups:
        for recipient in group.recipients:
            number, used = next(pairs)
            if number == 0:
                granted.append(recipient)
                continue
            cap = group.caps[number - 1]
            limit = cap.broadcast_share if reservation.broadcast else cap.own_limit
            full.append(Full(recipient, cap.cap_id, used, limit, cap.ends_at))
    return Reserved(tuple(granted), tuple(full))
