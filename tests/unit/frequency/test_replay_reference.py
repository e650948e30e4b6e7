"""Random policies on random pasts: the replay says what a reference says that keeps every send."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from app.domain.exemptions import Exempted, Exemption
from app.domain.policy import (
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind, MinorsAudience
from app.frequency.bearing import Sending
from app.frequency.release_replay import ReleaseReplay
from app.frequency.replay import Replay
from app.frequency.replayed import AT_ONCE, Asked, Met, PastPush, Zones
from tests.fixtures.naive_releases import Releases
from tests.fixtures.naive_slots import Naive
from tests.fixtures.naive_windows import ZONE_OF

# An ordinary day, and one before the clocks of New York are put back.
STARTS = (
    datetime(2026, 11, 21, 2, tzinfo=UTC),
    datetime(2026, 10, 31, 21, 30, 0, 250_000, tzinfo=UTC),
)
WAITS = (0.0, 0.4, 59.9, 600.0, 3_600.0, 21_600.0, 86_400.0)
TOKENS = ("r_0", "r_1", "r_2", "r_3")
OWN = {
    "srf_a": {"r_1": "Pacific/Apia", "r_2": "Europe/London"},
    "srf_b": {"r_3": "Asia/Shanghai"},
}
EACH = ((Per.RECIPIENT,), (Per.RECIPIENT, Per.TOPIC), (Per.RECIPIENT, Per.KIND))
MOST = 150
WHAT = (
    *("capped", "together", "shadowed", "exempted", "replaced", "waiting"),
    *("left out whole", "goes later"),
)
ALL = ((), (Per.SURFACE,), (Per.PROVIDER,), (Per.SURFACE, Per.TOPIC))


class Chance(random.Random):
    """Draws policies and pasts; the same ones for the same seed."""

    def calendar(self) -> Calendar:
        return Calendar(self.choice(tuple(CalendarUnit)), self.choice((None, "Asia/Shanghai")))

    def span(self) -> Rolling:
        return Rolling(self.choice((60, 3_601, 90_000)))

    def covers(self) -> Covers:
        return Covers(
            kinds=self.choice(((), (), (ContentKind.NEWS,))),
            surfaces=self.choice(((), (), ("srf_a",))),
            topics=self.choice(((), (), ("weather",))),
        )

    def cap(self, number: int) -> Cap:
        draw = self.choice((self.of_each, self.of_each, self.of_all, self.of_pushes, self.quiet))
        mode = self.choice((Mode.ENFORCE, Mode.ENFORCE, Mode.SHADOW))
        return replace(draw(f"cap-{number}"), mode=mode)

    def of_each(self, name: str) -> Cap:
        gap = Gap(self.choice((60, 1_800, 172_800)))
        window = self.choice((self.calendar(), self.span(), gap))
        limit = 1 if window is gap else self.randint(1, 3)
        over = self.choice((Over.DROP, Over.DEFER, Over.REPLACE, Over.REPLACE))
        cap = Cap(name, limit, window, self.covers(), self.choice(EACH), over)
        return replace(cap, broadcast=min(self.choice((0, 0, 1)), limit - 1))

    def of_all(self, name: str) -> Cap:
        window = self.choice((self.calendar(), self.span()))
        per, limit = self.choice(ALL), self.randint(1, 9)
        return Cap(name, limit, window, self.covers(), per, self.lasting())

    def of_pushes(self, name: str) -> Cap:
        percent = self.choice((None, 20, 50))
        per = (Per.SURFACE, Per.KIND) if percent else self.choice(ALL[:3])
        gap = Gap(1_800)
        windows = (self.calendar(), self.span()) if percent else (self.calendar(), self.span(), gap)
        window = self.choice(windows)
        limit = 1 if window is gap else self.randint(1, 5)
        cap = Cap(name, limit, window, self.covers(), per, self.lasting())
        return replace(cap, counts=Counts.PUSHES, percent=percent)

    def quiet(self, name: str) -> Cap:
        hours = QuietHours(self.choice((0, 1_320)), self.choice((60, 430)))
        return Cap(name, 0, hours, over=self.lasting())

    def lasting(self) -> Over:
        return self.choice((Over.DROP, Over.DEFER))

    def exemption(self, number: int, start: datetime) -> Exemption:
        starts = start + timedelta(hours=self.choice((-1, 7)))
        pushes = self.choice((Exempted(surfaces=("srf_a",)), Exempted(topics=("weather",))))
        eases = tuple(f"cap-{n}" for n in range(5) if self.random() < 0.5)
        return Exemption(f"exm_{number}", eases, pushes, starts, starts + timedelta(days=2))

    def past(self, start: datetime) -> list[Asked]:
        at, found = start, []
        for number in range(self.randint(2, 14)):
            at += timedelta(seconds=self.choice(WAITS))
            sending = Sending(
                self.choice((ContentKind.NEWS, ContentKind.GENERAL)),
                self.choice(tuple(ZONE_OF)),
                self.choice(("prv_a", "prv_a", "prv_b")),
                self.choice((None, "weather")),
                None,
                MinorsAudience.EXCLUDED,
            )
            ends = at + timedelta(seconds=self.choice((1_700, 90_000, 800_000)))
            who = self.sample(TOKENS, self.randint(1, len(TOKENS)))
            waits = {token: timedelta(seconds=self.choice((0, 5_000, 90_000))) for token in who}
            lay = {token: min(at + wait, ends) for token, wait in waits.items() if wait}
            found.append(Asked(f"obx_{number:02}", at, ends, sending, tuple(who), unfetched=lay))
        return found


def seen(found: Iterable[Met]) -> list[tuple[object, ...]]:
    """Return what batches met when they really asked."""
    return [
        (
            met.asked.id,
            met.at,
            set(met.granted),
            dict(met.capped),
            dict(met.shadowed),
            dict(met.exempted),
            {(older.id, token, cap) for older, token, cap in met.replaced},
            set(met.waiting),
            met.again,
        )
        for met in found
        if met.asked.weighed.left_out_by is None
        and (met.asked.weighed.goes_at is None or met.at >= met.asked.weighed.goes_at)
    ]


def test_the_replay_and_a_reference_that_keeps_every_send_agree() -> None:
    happened: Counter[str] = Counter()
    for seed in range(160):
        chance = Chance(seed)
        start = chance.choice(STARTS)
        policy = tuple(chance.cap(number) for number in range(chance.randint(1, 5)))
        exempt = tuple(chance.exemption(number, start) for number in range(chance.randint(0, 2)))
        past = chance.past(start)
        until = past[-1].at + timedelta(days=3)
        zones = Zones(ZONE_OF, OWN)
        pushes = [PastPush(one.id, one.at, one.expires_at, one.sending) for one in past]
        said = {
            push.id: what for push, what in ReleaseReplay(policy, zones, exempt).run(pushes, until)
        }
        assert said == Releases(policy, exempt).run(pushes, until), seed
        past = [replace(one, weighed=said.get(one.id, AT_ONCE)) for one in past]
        # Somebody who has to ask every minute for days tells nothing new.
        met = list(islice(Replay(policy, zones, exempt).run(past, until), MOST))
        naive = islice(Naive(policy, OWN, exempt).run(past, until), len(seen(met)))
        assert seen(met) == list(naive), seed
        happened.update(what_happened(policy, met))
        happened["left out whole"] += any(what.left_out_by for what in said.values())
        happened["goes later"] += any(what.goes_at for what in said.values())
    # It is not that nothing ever happened.
    assert min(happened[what] for what in WHAT) >= 5, happened


def what_happened(policy: Iterable[Cap], met: Iterable[Met]) -> Counter[str]:
    together = {cap.id for cap in policy if not cap.is_each_recipients}
    found: Counter[str] = Counter()
    for one in met:
        found["capped"] += bool(one.capped)
        found["together"] += bool(together & set(one.capped.values()))
        found["shadowed"] += bool(one.shadowed)
        found["exempted"] += bool(one.exempted)
        found["replaced"] += bool(one.replaced)
        found["waiting"] += bool(one.waiting)
    return found
