"""Signing in: sessions, throttling, and what the ledger keeps of it."""

import asyncio
import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Invalid, TooManyRequests
from app.staff.counting import Refusal
from app.staff.models import sessions, sign_in_attempts
from app.staff.sign_in import NotSignedIn, SignedIn
from tests.fixtures.database import Ledger
from tests.fixtures.registers import Registers

HOME, AWAY = "192.0.2.1", "198.51.100.7"
NEW = "四个字的新口令真的很长 42"


@pytest.fixture
async def password(registers: Registers) -> str:
    return (await registers.person("li.na")).password


async def enter(registers: Registers, password: str, address: str = HOME) -> SignedIn:
    done = await registers.sign_in.sign_in("li.na", password, address)
    assert isinstance(done, SignedIn), done
    return done


async def fail(registers: Registers, username: str = "li.na", address: str = HOME) -> NotSignedIn:
    done = await registers.sign_in.sign_in(username, "wrong password", address)
    assert isinstance(done, NotSignedIn)
    return done


async def test_a_session_is_known_by_its_token_which_nothing_stores(
    registers: Registers, password: str, audit_log: Ledger
) -> None:
    done = await enter(registers, password)
    session = await registers.sign_in.session(done.token)
    assert session is not None
    assert session.staff.username == "li.na"
    assert session.staff.must_change_password
    assert len(session.csrf) >= 43
    assert session.csrf != done.token
    rows = str(await registers.db.read(lambda tx: tx.execute(select(sessions)).all()))
    assert done.token not in rows
    assert hashlib.sha256(done.token.encode()).hexdigest() in rows
    assert done.token not in repr(done)
    assert await audit_log.kinds(session.staff.id) == ["staff_added", "sign_in"]


async def test_the_sign_in_name_may_be_typed_carelessly(
    registers: Registers, password: str
) -> None:
    done = await registers.sign_in.sign_in(" ＬＩ.Na ", password, HOME)
    assert isinstance(done, SignedIn)


@pytest.mark.parametrize("username", ["li.na", "nobody", "", "李娜", "a" * 500, "x\x00y", "\ud800"])
async def test_a_wrong_name_or_password_looks_the_same_and_is_recorded(
    registers: Registers, password: str, audit_log: Ledger, username: str
) -> None:
    assert await fail(registers, username) == NotSignedIn(Refusal.WRONG)
    assert (await audit_log.kinds()).count("sign_in_failed") == 1
    assert password not in await audit_log.text()


async def test_a_password_typed_as_the_name_is_not_written_down(
    registers: Registers, password: str, audit_log: Ledger
) -> None:
    await fail(registers, password)
    attempts = await registers.db.read(lambda tx: tx.execute(select(sign_in_attempts)).all())
    assert len(attempts) == 1
    assert password not in str(attempts)
    assert password not in await audit_log.text()


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 10_000])
async def test_what_is_no_token_is_no_session(registers: Registers, token: str) -> None:
    assert await registers.sign_in.session(token) is None


async def test_failures_slow_down_the_name_more_and_more(
    registers: Registers, password: str, audit_log: Ledger
) -> None:
    for number in range(5):
        assert (await fail(registers, address=f"192.0.2.{number}")).refusal is Refusal.WRONG
    refused = await registers.sign_in.sign_in("li.na", password, AWAY)
    assert refused == NotSignedIn(Refusal.THROTTLED, 1)
    registers.clock.advance(seconds=1)
    assert (await fail(registers, address=AWAY)).refusal is Refusal.WRONG
    assert await fail(registers, address=AWAY) == NotSignedIn(Refusal.THROTTLED, 2)
    registers.clock.advance(seconds=2)
    await enter(registers, password, AWAY)
    assert (await fail(registers)).refusal is Refusal.WRONG
    kinds = await audit_log.kinds()
    assert (kinds.count("sign_in_failed"), kinds.count("sign_in")) == (9, 1)


async def test_failures_slow_down_the_address_whatever_the_name(
    registers: Registers, password: str
) -> None:
    for number in range(20):
        assert (await fail(registers, f"nobody{number}")).refusal is Refusal.WRONG
    refused = await registers.sign_in.sign_in("li.na", password, HOME)
    assert refused == NotSignedIn(Refusal.THROTTLED, 1)
    await enter(registers, password, AWAY)


async def test_strangers_and_neighbours_cannot_keep_people_out_of_where_they_work(
    registers: Registers, password: str
) -> None:
    await enter(registers, password, HOME)
    registers.clock.advance(timedelta(days=3))
    for number in range(30):
        await fail(registers, address=f"192.0.2.{number}")
        await fail(registers, f"nobody{number}", HOME)
    assert (await fail(registers, address=AWAY)).refusal is Refusal.THROTTLED
    assert (await fail(registers, "somebody", HOME)).refusal is Refusal.THROTTLED
    await enter(registers, password, HOME)
    for _ in range(5):
        assert (await fail(registers, address=HOME)).refusal is Refusal.WRONG
    assert (await fail(registers, address=HOME)).refusal is Refusal.THROTTLED


async def test_addresses_of_one_ipv6_network_are_counted_together(
    registers: Registers, password: str
) -> None:
    for number in range(20):
        await fail(registers, f"nobody{number}", f"2001:db8:1:2:{number:x}::1")
    refused = await registers.sign_in.sign_in("li.na", password, "2001:db8:1:2:ffff::1")
    assert refused == NotSignedIn(Refusal.THROTTLED, 1)
    await enter(registers, password, "2001:db8:1:3::1")


async def test_unknown_names_are_slowed_down_like_known_ones(registers: Registers) -> None:
    for _ in range(5):
        await fail(registers, "nobody")
    assert await fail(registers, "nobody", AWAY) == NotSignedIn(Refusal.THROTTLED, 1)


async def test_sixty_four_guesses_at_once_are_five(registers: Registers, password: str) -> None:
    del password
    done = await asyncio.gather(*(fail(registers, address=f"10.0.0.{n}") for n in range(64)))
    assert sum(one.refusal is Refusal.WRONG for one in done) == 5
    assert sum(one.refusal is Refusal.THROTTLED for one in done) == 59


async def test_after_an_hour_failures_are_forgotten(registers: Registers, password: str) -> None:
    for number in range(12):
        await fail(registers, address=f"192.0.2.{number}")
        registers.clock.advance(timedelta(minutes=2))
    registers.clock.advance(timedelta(hours=1))
    await enter(registers, password)


async def test_a_session_ends_after_its_hours_however_busy(
    registers: Registers, password: str
) -> None:
    done = await enter(registers, password)
    for _ in range(12):
        registers.clock.advance(timedelta(minutes=59))
        assert await registers.sign_in.session(done.token) is not None
    registers.clock.advance(timedelta(minutes=12))
    assert await registers.sign_in.session(done.token) is None


async def test_a_session_that_nobody_uses_ends(registers: Registers, password: str) -> None:
    done = await enter(registers, password)
    registers.clock.advance(timedelta(hours=2))
    assert await registers.sign_in.session(done.token) is None


async def test_the_last_use_is_written_once_a_minute(registers: Registers, password: str) -> None:
    done = await enter(registers, password)
    began = done.session.last_seen_at
    for seconds, seen in ((59, began), (1, began + timedelta(minutes=1))):
        registers.clock.advance(seconds=seconds)
        session = await registers.sign_in.session(done.token)
        assert session is not None
        stored = await registers.db.read(
            lambda tx: tx.execute(select(sessions.c.last_seen_at)).scalar_one()
        )
        assert session.last_seen_at == stored == seen


async def test_signing_out_ends_the_session_and_no_other(
    registers: Registers, password: str, audit_log: Ledger
) -> None:
    first, second = await enter(registers, password), await enter(registers, password)
    for _ in range(2):
        await registers.sign_in.sign_out(first.session)
    assert await registers.sign_in.session(first.token) is None
    assert await registers.sign_in.session(second.token) is not None
    assert (await audit_log.kinds()).count("sign_out") == 1


async def test_expired_sessions_are_cleared_away(registers: Registers, password: str) -> None:
    await enter(registers, password)
    registers.clock.advance(timedelta(hours=13))
    await enter(registers, password)
    rows = await registers.db.read(lambda tx: tx.execute(select(sessions)).all())
    assert len(rows) == 1


async def test_a_changed_password_ends_the_other_sessions_and_the_one_time_password(
    registers: Registers, password: str, audit_log: Ledger
) -> None:
    other, done = await enter(registers, password), await enter(registers, password)
    await registers.sign_in.change_password(done.session, password, NEW, HOME)
    session = await registers.sign_in.session(done.token)
    assert session is not None
    assert not session.staff.must_change_password
    assert await registers.sign_in.session(other.token) is None
    await fail(registers)
    assert isinstance(await registers.sign_in.sign_in("li.na", password, HOME), NotSignedIn)
    await enter(registers, NEW)
    assert not await registers.staff.has_unused_one_time_password()
    assert "password_changed" in await audit_log.kinds(session.staff.id)
    assert NEW not in await audit_log.text()


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short pass1", "password_length"),
        ("x" * 129, "password_length"),
        ("ababababababab", "password_simple"),
        ("my name is Li.Na!", "password_has_name"),
    ],
)
async def test_a_weak_password_is_refused(
    registers: Registers, password: str, new: str, code: str
) -> None:
    done = await enter(registers, password)
    with pytest.raises(Invalid) as refused:
        await registers.sign_in.change_password(done.session, password, new, HOME)
    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/new", code)]
    await enter(registers, password)


async def test_the_one_time_password_cannot_be_kept(registers: Registers, password: str) -> None:
    done = await enter(registers, password)
    with pytest.raises(Invalid) as refused:
        await registers.sign_in.change_password(done.session, password, password, HOME)
    assert [problem.code for problem in refused.value.problems] == ["password_same"]


async def test_whoever_has_a_session_cannot_guess_the_password_through_it(
    registers: Registers, password: str, audit_log: Ledger
) -> None:
    done = await enter(registers, password)
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            await registers.sign_in.change_password(done.session, "wrong password", NEW, HOME)
        assert [problem.code for problem in refused.value.problems] == ["wrong_password"]
    with pytest.raises(TooManyRequests) as slowed:
        await registers.sign_in.change_password(done.session, password, NEW, HOME)
    assert slowed.value.retry_after == 1
    assert (await audit_log.kinds()).count("sign_in_failed") == 6


async def test_the_same_password_from_another_keyboard_fits(
    registers: Registers, password: str
) -> None:
    done = await enter(registers, password)
    await registers.sign_in.change_password(done.session, password, "ｆｕｌｌ width é 12345", HOME)
    await enter(registers, "full width e\u0301 12345")
