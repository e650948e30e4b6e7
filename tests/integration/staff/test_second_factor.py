"""The second factor on each database: set up, asked for, used up, slowed down, taken away."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.audit.events import Actor, ActorKind
from app.errors import Conflict, Forbidden, Invalid, TooManyRequests
from app.settings import Mode, SecondFactor, Settings
from app.staff.counting import Refusal
from app.staff.models import recovery_codes, sessions, staff
from app.staff.second_factor import SecondFactors
from app.staff.sign_in import HALF, NotSignedIn, SignedIn
from tests.fixtures.clock import ManualClock
from tests.fixtures.database import Ledger
from tests.fixtures.factors import Phone, scan
from tests.fixtures.registers import ADMIN, Registers

HOME, AWAY = "192.0.2.1", "198.51.100.7"


@dataclass
class Person:
    """Somebody with a second factor, signed in for good in one browser."""

    on: Registers
    factors: SecondFactors
    password: str
    phone: Phone
    codes: tuple[str, ...]
    whole: SignedIn

    @property
    def clock(self) -> ManualClock:
        return self.on.clock

    async def half(self, address: str = HOME) -> SignedIn:
        done = await self.on.sign_in.sign_in("li.na", self.password, address, "Firefox/1")
        assert isinstance(done, SignedIn), done
        assert not done.session.is_whole
        return done

    async def give(self, code: str, address: str = HOME) -> SignedIn | NotSignedIn:
        return await self.factors.prove((await self.half(address)).session, code, address)

    def code(self, steps: int = 0) -> str:
        return self.phone.code(self.clock.now(), steps)

    def next_step(self) -> None:
        self.clock.advance(seconds=30)


@pytest.fixture
def factors(registers: Registers, tmp_path: Path) -> SecondFactors:
    return SecondFactors(registers.db, registers.clock, Settings(keys_dir=tmp_path))


@pytest.fixture
async def person(registers: Registers, factors: SecondFactors) -> Person:
    password = (await registers.person("li.na")).password
    done = await registers.sign_in.sign_in("li.na", password, HOME)
    assert isinstance(done, SignedIn)
    await factors.begin(done.session, "", HOME)
    pending = (await factors.state(done.session)).pending
    assert pending is not None
    phone = scan(pending.text)
    codes = await factors.confirm(done.session, phone.code(registers.clock.now()))
    registers.clock.advance(seconds=30)
    return Person(registers, factors, password, phone, codes, done)


async def test_the_password_alone_opens_half_a_session_and_the_code_the_whole(
    person: Person, audit_log: Ledger
) -> None:
    half = await person.half()
    assert half.session.expires_at - half.session.created_at == HALF
    done = await person.factors.prove(half.session, person.code(), HOME)
    assert isinstance(done, SignedIn)
    assert done.session.is_whole
    assert done.token != half.token
    assert await person.on.sign_in.session(half.token) is None
    whole = await person.on.sign_in.session(done.token)
    assert whole is not None
    assert whole.is_whole
    assert (whole.address, whole.agent) == (HOME, "Firefox/1")
    kinds = await audit_log.kinds(whole.staff.id)
    assert kinds[-3:] == ["second_factor_set", "second_factor_asked", "sign_in"]


async def test_half_a_session_ends_after_ten_minutes(person: Person) -> None:
    half = await person.half()
    person.clock.advance(HALF)
    assert await person.on.sign_in.session(half.token) is None


async def test_neither_secret_nor_recovery_codes_stand_anywhere_in_the_clear(
    person: Person, audit_log: Ledger
) -> None:
    await person.give(person.codes[0])
    rows = await person.on.db.read(
        lambda tx: str([tx.execute(select(one)).all() for one in (staff, sessions, recovery_codes)])
    )
    ledger = await audit_log.text()
    for hidden in (person.phone.secret.hex(), str(person.phone.secret), *person.codes):
        assert hidden not in rows
        assert hidden not in ledger


async def test_a_code_is_good_once_and_so_are_all_before_it(person: Person) -> None:
    before, code = person.code(-1), person.code()
    assert isinstance(await person.give(code), SignedIn)
    assert await person.give(code) == NotSignedIn(Refusal.USED)
    assert await person.give(before) == NotSignedIn(Refusal.USED)
    person.next_step()
    assert await person.give(code) == NotSignedIn(Refusal.USED)
    assert isinstance(await person.give(person.code()), SignedIn)


async def test_a_code_given_many_times_at_once_lets_one_in(person: Person) -> None:
    halves = [await person.half() for _ in range(4)]
    code = person.code()
    done = await asyncio.gather(
        *(person.factors.prove(half.session, code, HOME) for half in halves)
    )
    assert sum(isinstance(one, SignedIn) for one in done) == 1


async def test_a_recovery_code_is_good_once_however_it_is_typed(
    person: Person, audit_log: Ledger
) -> None:
    code = person.codes[3]
    done = await person.give(code.upper().replace("-", " "))
    assert isinstance(done, SignedIn)
    assert (await person.factors.state(done.session)).codes_left == 9
    assert await person.give(code) == NotSignedIn(Refusal.USED)
    assert "recovery_code_used" in await audit_log.kinds(done.session.staff.id)


async def test_wrong_codes_are_slowed_down_and_a_right_password_forgives_none(
    person: Person, audit_log: Ledger
) -> None:
    wrong = person.phone.wrong(person.clock.now())
    for _ in range(5):
        assert await person.give(wrong, AWAY) == NotSignedIn(Refusal.WRONG)
    assert await person.give(person.code(), AWAY) == NotSignedIn(Refusal.THROTTLED, 1)
    person.clock.advance(timedelta(hours=2))
    assert await person.give(person.phone.wrong(person.clock.now()), AWAY) == NotSignedIn(
        Refusal.WRONG
    )
    assert await person.give(person.code(), AWAY) == NotSignedIn(Refusal.THROTTLED, 2)
    assert (await audit_log.kinds()).count("sign_in_failed") == 8
    person.clock.advance(timedelta(days=1))
    assert isinstance(await person.give(person.code(), AWAY), SignedIn)


async def test_another_phone_takes_a_code_of_the_first_and_ends_the_other_sessions(
    person: Person,
) -> None:
    done = await person.give(person.code())
    assert isinstance(done, SignedIn)
    with pytest.raises(Invalid):
        await person.factors.begin(done.session, person.phone.wrong(person.clock.now()), HOME)
    person.next_step()
    await person.factors.begin(done.session, person.code(), HOME)
    pending = (await person.factors.state(done.session)).pending
    assert pending is not None
    other = scan(pending.text)
    with pytest.raises(Invalid):
        await person.factors.confirm(done.session, other.wrong(person.clock.now()))
    await person.factors.confirm(done.session, other.code(person.clock.now()))
    assert await person.on.sign_in.session(person.whole.token) is None
    assert await person.on.sign_in.session(done.token) is not None
    person.next_step()
    assert await person.give(person.code()) == NotSignedIn(Refusal.WRONG)
    assert await person.give(person.codes[0]) == NotSignedIn(Refusal.WRONG)
    assert isinstance(await person.give(other.code(person.clock.now())), SignedIn)


async def test_new_recovery_codes_take_the_place_of_all_old_ones(person: Person) -> None:
    fresh = await person.factors.renew_codes(person.whole.session, person.code(), HOME)
    assert await person.give(person.codes[0]) == NotSignedIn(Refusal.WRONG)
    assert isinstance(await person.give(fresh[0]), SignedIn)


async def test_who_begins_and_gives_up_or_ends_the_session_leaves_nothing(person: Person) -> None:
    session = person.whole.session
    await person.factors.begin(session, person.code(), HOME)
    await person.factors.give_up(session)
    assert (await person.factors.state(session)).pending is None
    with pytest.raises(Conflict):
        await person.factors.confirm(session, person.code(1))


async def test_it_is_turned_off_with_a_code_only_where_none_is_required(
    person: Person, tmp_path: Path
) -> None:
    required = Settings(keys_dir=tmp_path, second_factor=SecondFactor.REQUIRED)
    strict = SecondFactors(person.on.db, person.clock, required)
    with pytest.raises(Conflict):
        await strict.turn_off(person.whole.session, person.code(), HOME)
    for _ in range(5):
        with pytest.raises(Invalid):
            await person.factors.turn_off(
                person.whole.session, person.phone.wrong(person.clock.now()), HOME
            )
    with pytest.raises(TooManyRequests):
        await person.factors.turn_off(person.whole.session, person.code(), HOME)
    person.clock.advance(seconds=1)
    await person.factors.turn_off(person.whole.session, person.code(), HOME)
    done = await person.on.sign_in.sign_in("li.na", person.password, HOME)
    assert isinstance(done, SignedIn)
    assert done.session.is_whole
    with pytest.raises(Conflict):
        await person.factors.prove(done.session, person.code(), HOME)


async def test_another_admin_takes_a_lost_one_away_and_nobody_their_own(
    person: Person, audit_log: Ledger
) -> None:
    staff_id = person.whole.session.staff.id
    with pytest.raises(Forbidden):
        await person.on.staff.reset_second_factor(Actor(ActorKind.STAFF, staff_id), staff_id)
    await person.on.staff.reset_second_factor(ADMIN, staff_id)
    assert await person.on.sign_in.session(person.whole.token) is None
    done = await person.on.sign_in.sign_in("li.na", person.password, HOME)
    assert isinstance(done, SignedIn)
    assert done.session.is_whole
    assert (await person.factors.state(done.session)).codes_left == 0
    with pytest.raises(Conflict):
        await person.on.staff.reset_second_factor(ADMIN, staff_id)
    assert "second_factor_removed" in await audit_log.kinds(staff_id)


async def test_sessions_are_listed_and_ended_one_by_one_or_all(person: Person) -> None:
    sign_in, staff_id = person.on.sign_in, person.whole.session.staff.id
    first, other = await person.give(person.codes[0]), await person.give(person.codes[1], AWAY)
    assert isinstance(first, SignedIn)
    assert isinstance(other, SignedIn)
    listed = await sign_in.sessions(staff_id)
    assert {one.id for one in listed} >= {first.session.id, other.session.id}
    assert await sign_in.end_session(first.session, other.session.id)
    assert not await sign_in.end_session(first.session, other.session.id)
    assert await sign_in.session(other.token) is None
    assert await sign_in.end_sessions(first.session, keep_this=True) == 1
    assert await sign_in.session(first.token) is not None
    assert await sign_in.end_sessions(first.session, keep_this=False) == 1
    assert await sign_in.sessions(staff_id) == []


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(person: Person) -> None:
    token = person.whole.token
    for _ in range(4):
        person.clock.advance(timedelta(minutes=29))
        assert await person.on.sign_in.session(token, unattended=True) is not None
    person.clock.advance(timedelta(minutes=5))
    assert await person.on.sign_in.session(token, unattended=True) is None


def test_it_is_required_in_production_and_offered_in_the_demo_unless_the_operator_says() -> None:
    assert not Settings(mode=Mode.DEMO).requires_second_factor
    assert Settings(mode=Mode.PRODUCTION).requires_second_factor
    offered = Settings(mode=Mode.PRODUCTION, second_factor=SecondFactor.OFFERED)
    assert not offered.requires_second_factor
    assert Settings(second_factor=SecondFactor.REQUIRED).requires_second_factor
