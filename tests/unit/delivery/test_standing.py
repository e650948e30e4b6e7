"""How a cap of pushes stands, told by the database, against a count of everything by hand."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, event

from app.db.session import Tx
from app.delivery import release_repository as rows
from app.delivery.models import counted_pushes, releases
from app.delivery.release_caps import counted_of, has_room_at, standing
from app.delivery.release_repository import CountedPush
from app.domain.policy import Calendar, CalendarUnit, Cap, Counts, Gap, Per, Rolling
from app.frequency.release_windows import SHARE_LOOK
from app.frequency.windows import Scope

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"
SCOPES = [Scope("prv_1", "ad", topic, surface) for topic in (None, "t") for surface in ("s", "u")]


@pytest.fixture
def tx() -> Iterator[Tx]:
    """Only the tables that are counted, with nothing that they hang on."""
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        counted_pushes.create(tx)
        releases.create(tx)
        yield tx
    engine.dispose()


def cap_of(limit: int, window: Calendar | Rolling | Gap, percent: int | None) -> Cap:
    per = (Per.SURFACE,) if percent is not None else (Per.SURFACE, Per.TOPIC)
    return Cap("cap", limit, window, source="house", counts=Counts.PUSHES, per=per, percent=percent)


def went(tx: Tx, push_id: str, scope: Scope, at: datetime, left_out_by: str | None) -> None:
    tx.execute(
        releases.insert().values(
            id=push_id, push_id=push_id, digest="d", surface_id=scope.surface,
            provider_id=scope.provider, kind=scope.kind, topic=scope.topic, personalised=False,
            envelope=b"", released_at=at, left_out_by=left_out_by,
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("window", "first", "percent"),
    [
        (Calendar(CalendarUnit.DAY), MIDNIGHT, None),
        (Calendar(CalendarUnit.DAY), MIDNIGHT, 40),
        (Rolling(3600), NOW - timedelta(hours=1) + timedelta(microseconds=1), None),
        (Gap(1800), NOW - timedelta(minutes=30) + timedelta(microseconds=1), None),
    ],
)
def test_the_database_counts_as_one_would_by_hand(
    tx: Tx, seed: int, window: Calendar | Rolling | Gap, first: datetime, percent: int | None
) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
    cap = cap_of(dice.randint(1, 12), window, percent)
    # Instants on the border of the window among them, and several of one instant.
    instants = [first, first - timedelta(microseconds=1), NOW]
    instants += [NOW - timedelta(seconds=dice.randint(0, 90_000) // 4) for _ in range(12)]
    gone: list[tuple[str, Scope, datetime, str | None]] = []
    for number in range(dice.randint(0, 60)):
        left_out_by = dice.choice([None, None, "cap"])
        gone.append((f"psh_{number}", dice.choice(SCOPES), dice.choice(instants), left_out_by))
    for push in gone:
        went(tx, *push)
    rows.note_counted(
        tx,
        [
            CountedPush("cap", of.suffix(cap.per), name, at)
            for name, of, at, left_out_by in gone
            if not left_out_by
        ],
    )

    for scope in SCOPES:
        within = [(name, of, at) for name, of, at, out in gone if not out and at >= first]
        counted = sorted(
            (at, name) for name, of, at in within if of.suffix(cap.per) == scope.suffix(cap.per)
        )
        one = standing(tx, cap, scope, ZONE, NOW)
        assert one.used == len(counted)
        surfaces = sum(of.surface == scope.surface for _, of, _ in within) + 1
        assert one.allowed == (
            cap.limit if percent is None else max(surfaces, cap.limit) * percent // 100
        )
        assert has_room_at(tx, one) == room(cap, [at for at, _ in counted])
        asked = {name for name, *_ in dice.sample(gone, len(gone) // 2)}
        assert counted_of(tx, one, asked) == {name for _, name in counted} & asked


def room(cap: Cap, counted: list[datetime]) -> datetime:
    """When enough of what counts no longer does, for one more; or else the first of it."""
    if isinstance(cap.window, Calendar):
        return MIDNIGHT + timedelta(days=1)
    if not counted:
        return NOW + SHARE_LOOK
    assert isinstance(cap.window, Rolling | Gap)
    seconds = cap.window.span_seconds if isinstance(cap.window, Rolling) else cap.window.gap_seconds
    leaving = [at + timedelta(seconds=seconds) for at in counted]
    return leaving[max(len(leaving) - cap.limit, 0)]


def test_a_release_reads_no_push_of_the_window_but_counts_them_in_an_index(tx: Tx) -> None:
    scope, cap = SCOPES[0], cap_of(400, Rolling(3600), None)
    subject = scope.suffix(cap.per)
    noted = [CountedPush("cap", subject, f"psh_{number}", NOW) for number in range(400)]
    rows.note_counted(tx, noted)
    asked: list[tuple[str, tuple[str, ...]]] = []
    event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    one = standing(tx, cap, scope, ZONE, NOW)
    assert one.is_full
    assert has_room_at(tx, one) == NOW + timedelta(hours=1)
    said = tuple(asked)
    for statement, values in said:
        plan = " ".join(
            str(row[3]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        )
        assert "USING COVERING INDEX ix_counted_pushes_counted" in plan
        assert len(tx.exec_driver_sql(statement, values).all()) == 1
