"""What the scripts are given and what they answer, as bytes."""

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Final

from app.domain.policy import Over
from app.errors import CountersUnavailable, Words
from app.frequency import keys
from app.frequency.cap_window import GRACE, CapWindow, Part
from app.frequency.store import Counted, Full, Reservation, Reserved, Use

_COUNT: Final = struct.Struct(">H")
_CAP: Final = struct.Struct(">BBBHI")
_END: Final = struct.Struct(">I")
_ANSWER: Final = struct.Struct(">BHBB")
_DROPS: Final = 1
_SHADOW: Final = 2
_REPLACES: Final = 4


def deadline(reservation: Reservation) -> int:
    """Return when the reservation lapses: no later than the first of its windows closes."""
    ends = [cap.last_moment for group in reservation.groups for cap in group.caps]
    return int(min([reservation.expires_at, *ends]).timestamp())


def request(reservation: Reservation) -> tuple[list[str], list[bytes]]:
    """Return the keys and, packed, the groups' numbers and caps as `reserve.lua` reads them."""
    names = [keys.reservation_key(reservation.bucket, reservation.id)]
    numbers, freed = bytearray(), []
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
            marks = [keys.counter_mark(*one) for one in reservation.freed.get(recipient, ())]
            freed.append(struct.pack(">B", len(marks)) + b"".join(marks))
        packed.append(b"".join(_pack(cap, reservation) for cap in group.caps))
    # Mostly nothing is freed, and then nobody has to be named.
    return names, [bytes(numbers), b"".join(freed) if reservation.freed else b"", *packed]


def _pack(cap: CapWindow, reservation: Reservation) -> bytes:
    parts = cap.parts
    flags = _DROPS * (cap.over is Over.DROP) + _SHADOW * cap.is_shadow
    flags += _REPLACES * (cap.over is Over.REPLACE)
    early = int((GRACE - cap.grace).total_seconds())
    limit = _limit(cap, reservation)
    head = _CAP.pack(flags, len(parts), cap.own + 1, limit, early)
    return head + b"".join(
        keys.counter_mark(cap.cap_id, part.window) + _END.pack(_whole(part)) for part in parts
    )


def _whole(part: Part) -> int:
    """Return a part's end in whole seconds, never before the end."""
    return math.ceil(part.ends_at.timestamp())


def _limit(cap: CapWindow, reservation: Reservation) -> int:
    return cap.broadcast_share if reservation.broadcast else cap.own_limit


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
    recipients = reservation.recipients
    if answer == bytes(_ANSWER.size * len(recipients)):
        # Mostly all have room, and no shadow cap is full.
        return Reserved(recipients, ())
    granted, full, shadowed = [], [], []
    at = 0
    for group in reservation.groups:
        for recipient in group.recipients:
            number, used, part, shadows = _ANSWER.unpack_from(answer, at)
            at += _ANSWER.size + shadows
            if number == 0:
                granted.append(recipient)
                numbers = answer[at - shadows : at]
                shadowed += [(recipient, group.caps[one - 1].cap_id) for one in numbers]
                continue
            cap = group.caps[number - 1]
            limit, resets_at = _limit(cap, reservation), cap.parts[part - 1].ends_at
            full.append(Full(recipient, cap.cap_id, used, limit, resets_at, cap.over))
    return Reserved(tuple(granted), tuple(full), tuple(shadowed))


def uses(caps: Sequence[CapWindow], counts: Iterator[int]) -> tuple[Use, ...]:
    """Return one recipient's use of each cap, from the counts of all its parts in their order."""
    return tuple(_use(cap, [next(counts) for _ in cap.parts]) for cap in caps)


def _use(cap: CapWindow, counts: Sequence[int]) -> Use:
    used = left = sum(counts)
    # A full cap has room once so much has gone that it is below its limit; else with the first.
    least = min(used, cap.own_limit)
    for part, count in zip(cap.parts, counts, strict=True):
        left -= count
        if count and left < least:
            return Use(cap.cap_id, used, cap.own_limit, part.ends_at)
    return Use(cap.cap_id, used, cap.own_limit, cap.ends_at)
