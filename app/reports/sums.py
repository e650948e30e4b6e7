"""Adding up a replay: how many a policy would have stopped, by sender, kind, hour and cap."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from app.clock import BEIJING
from app.frequency.replayed import Asked, AtRelease, Met, PastPush

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
        self._exempted: Counter[str] = Counter()
        self._total: Counter[str] = Counter()
        self._pushes = Pushes(since)

    def weighed(self, pushes: "Pushes") -> None:
        """Take over what caps of pushes have said of them."""
        self._pushes = pushes

    def counted(self, batches: Iterable[Asked]) -> Iterator[Asked]:
        """Yield batches as they come, each counted."""
        for batch in batches:
            self.asked(batch)
            yield batch

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
        for older, token, cap_id in met.replaced:
            self._replaced(older, token, cap_id)
        batch = met.asked
        if batch.at < self._since:
            return
        self._exempted.update(met.exempted)
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

    def _replaced(self, older: Asked, token: str, cap_id: str) -> None:
        """Count an older popup that was let through, and is taken back after all."""
        if older.at < self._since:
            return
        was_left_out = token in older.left_out
        self._total.update(stopped=1, replaced=1, newly_stopped=not was_left_out)
        self._total["let_through"] -= was_left_out
        self._stopped[cap_id] += 1
        for name, key in _keys(older).items():
            self._by[name][key][1] += 1

    def result(self, caps: Collection[str]) -> dict[str, object]:
        """Return everything as JSON.

        Pairs are how many were sent, or would have been, and how many of them are stopped; of a
        cap, how many it stops, and how many it would have as a shadow. `pushes` has such pairs of
        whole pushes, by the caps that count those; `exempted` is by exemption.
        """
        total = self._total
        names = (
            *("sends", "stopped", "newly_stopped", "left_out", "let_through", "had_to_wait"),
            "replaced",
        )
        days = _dates(self._since, self._until)
        return {
            **{name: total[name] for name in names},
            "caps": {name: [self._stopped[name], self._shadowed[name]] for name in caps},
            "exempted": dict(self._exempted),
            "pushes": self._pushes.result(),
            "kinds": dict(self._by["kinds"]),
            "senders": _longest(self._by["senders"]),
            "hours": [self._by["hours"][str(one)] for one in range(HOURS)],
            "days": {day: self._by["days"][day] for day in days},
        }


class Pushes:
    """What caps of pushes have said of the pushes from `since` on."""

    def __init__(self, since: datetime) -> None:
        """Begin with none."""
        self._since = since
        self._stopped: Counter[str] = Counter()
        self._shadowed: Counter[str] = Counter()
        self._all = 0

    def add(self, push: PastPush, said: AtRelease) -> None:
        """Count one."""
        if push.at < self._since:
            return
        self._all += 1
        self._shadowed.update(said.shadows)
        if said.left_out_by is not None:
            self._stopped[said.left_out_by] += 1

    def result(self) -> dict[str, object]:
        """Return it as JSON."""
        caps = sorted(self._stopped.keys() | self._shadowed.keys())
        return {
            "all": self._all,
            "stopped": self._stopped.total(),
            "caps": {name: [self._stopped[name], self._shadowed[name]] for name in caps},
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
