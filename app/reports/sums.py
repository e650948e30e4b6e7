"""Adding up a replay: how many a policy would have stopped, by sender, kind, hour and cap."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from app.clock import BEIJING
from app.frequency.replay import Asked, Met

HOURS: Final = 24
LONGEST_LIST: Final = 50
"""How many senders a result names; the rest stand together under an empty name."""


class Sums:
    """Sums over the sends from `since` on; what was before fills the windows and is not told."""

    def __init__(self, since: datetime, until: datetime) -> None:
        """Begin with nothing."""
        self._since = since
        self._until = until
        self._by: dict[str, defaultdict[str, list[int]]] = {
            name: defaultdict(lambda: [0, 0]) for name in ("kinds", "senders", "hours", "days")
        }
        self._stopped: Counter[str] = Counter()
        self._shadowed: Counter[str] = Counter()
        self._total: Counter[str] = Counter()

    def asked(self, batch: Asked) -> None:
        """Count the recipients of a batch, once, whenever they may be asked for again."""
        if batch.at < self._since:
            return
        number = len(batch.tokens)
        self._total["sends"] += number
        self._total["left_out"] += len(batch.left_out)
        for name, key in _keys(batch).items():
            self._by[name][key][0] += number

    def met(self, met: Met) -> None:
        """Count what recipients met."""
        batch = met.asked
        if batch.at < self._since:
            return
        self._shadowed.update(met.shadowed)
        if batch.left_out:
            self._total["let_through"] += sum(token in batch.left_out for token in met.granted)
        if met.at == batch.at:
            self._total["had_to_wait"] += len(met.waiting)
        if not met.capped:
            return
        number = len(met.capped)
        self._total["stopped"] += number
        self._total["newly_stopped"] += number - sum(one in batch.left_out for one in met.capped)
        self._stopped.update(met.capped.values())
        for name, key in _keys(batch).items():
            self._by[name][key][1] += number

    def result(self, caps: Collection[str], missing: Collection[str]) -> dict[str, object]:
        """Return everything as JSON; `caps` were replayed, those `missing` could not be.

        Pairs are how many were sent, or would have been, and how many of them are stopped; of a
        cap, how many it stops, and how many it would have as a shadow.
        """
        total = self._total
        names = ("sends", "stopped", "newly_stopped", "left_out", "let_through", "had_to_wait")
        days = _dates(self._since, self._until)
        return {
            **{name: total[name] for name in names},
            "caps": {name: [self._stopped[name], self._shadowed[name]] for name in caps},
            "missing": list(missing),
            "kinds": dict(self._by["kinds"]),
            "senders": _longest(self._by["senders"]),
            "hours": [self._by["hours"][str(one)] for one in range(HOURS)],
            "days": {day: self._by["days"][day] for day in days},
        }


def _keys(batch: Asked) -> dict[str, str]:
    here = batch.at.astimezone(BEIJING)
    return {
        "kinds": batch.sending.kind.value,
        "senders": batch.sender,
        "hours": str(here.hour),
        "days": here.date().isoformat(),
    }


def _dates(since: datetime, until: datetime) -> list[str]:
    first, last = (one.astimezone(BEIJING).date() for one in (since, until))
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _longest(pairs: Mapping[str, list[int]]) -> list[list[str | int]]:
    """Return those of whom most are stopped; the rest are added up under an empty name."""
    ordered = sorted(pairs.items(), key=lambda one: (-one[1][1], -one[1][0], one[0]))
    found: list[list[str | int]] = [[name, *pair] for name, pair in ordered[:LONGEST_LIST]]
    rest = [pair for _, pair in ordered[LONGEST_LIST:]]
    if rest:
        found.append(["", *(sum(one[at] for one in rest) for at in (0, 1))])
    return found
