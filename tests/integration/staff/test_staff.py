"""People of the console: roles, ties, one-time passwords, taking out of use."""

import asyncio

import pytest

from app.audit.events import Actor, ActorKind
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.staff.roles import Role
from app.staff.service import NewStaff
from app.staff.sign_in import SignedIn
from tests.fixtures.database import Ledger
from tests.fixtures.registers import ADMIN, Registers

HOME = "192.0.2.1"


def acting(staff_id: str) -> Actor:
    return Actor(ActorKind.STAFF, staff_id)


async def signed_in(registers: Registers, username: str, password: str) -> SignedIn:
    done = await registers.sign_in.sign_in(username, password, HOME)
    assert isinstance(done, SignedIn)
    return done


async def test_a_person_is_added_with_a_one_time_password_that_nothing_stores(
    registers: Registers, audit_log: Ledger
) -> None:
    added = await registers.person(" Li.Na ", "reviewer", "lead")
    (person,) = await registers.staff.everybody()
    assert person.username == "li.na"
    assert person.roles == {Role.REVIEWER, Role.LEAD}
    assert person.must_change_password
    assert await registers.staff.has_unused_one_time_password()
    assert added.password not in repr(added)
    assert added.password not in await audit_log.text()
    assert await audit_log.kinds(added.staff_id) == ["staff_added"]


@pytest.mark.parametrize(
    ("new", "pointer"),
    [
        (NewStaff("李娜", "李娜", frozenset({"admin"})), "/username"),
        (NewStaff("a" * 33, "李娜", frozenset({"admin"})), "/username"),
        (NewStaff("-li", "李娜", frozenset({"admin"})), "/username"),
        (NewStaff("li.na", "", frozenset({"admin"})), "/name"),
        (NewStaff("li.na", "李娜", frozenset()), "/roles"),
        (NewStaff("li.na", "李娜", frozenset({"root"})), "/roles"),
        (NewStaff("li.na", "李娜", frozenset({"admin"}), "fr"), "/language"),
    ],
)
async def test_a_person_with_a_bad_field_is_refused(
    registers: Registers, new: NewStaff, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await registers.staff.add(ADMIN, new)
    assert {problem.pointer for problem in refused.value.problems} == {pointer}


async def test_a_sign_in_name_is_one_persons(registers: Registers) -> None:
    await registers.person("li.na")
    with pytest.raises(Conflict) as refused:
        await registers.person("LI.NA")
    assert refused.value.code == "username_taken"


async def test_roles_change_at_once_even_for_who_is_signed_in(
    registers: Registers, audit_log: Ledger
) -> None:
    added = await registers.person("li.na")
    done = await signed_in(registers, "li.na", added.password)
    await registers.staff.set_roles(ADMIN, added.staff_id, ["auditor"])
    session = await registers.sign_in.session(done.token)
    assert session is not None
    assert session.staff.roles == {Role.AUDITOR}
    assert "staff_changed" in await audit_log.kinds(added.staff_id)


async def test_nobody_does_to_themselves_what_another_has_to_do(registers: Registers) -> None:
    provider_id = await registers.provider()
    own = (await registers.person("li.na", "admin")).staff_id
    await registers.person("wang.wu", "admin")
    await registers.staff.declare_tie(acting(own), own, provider_id, "曾任职")
    for call in (
        registers.staff.set_roles(acting(own), own, ["admin", "reviewer"]),
        registers.staff.disable(acting(own), own),
        registers.staff.reset_password(acting(own), own),
        registers.staff.end_tie(acting(own), own, provider_id),
    ):
        with pytest.raises(Forbidden):
            await call
    assert await registers.staff.is_tied(own, provider_id)


async def test_the_last_admin_stays(registers: Registers) -> None:
    last = (await registers.person("li.na", "admin")).staff_id
    gone = (await registers.person("wang.wu", "admin")).staff_id
    await registers.staff.disable(ADMIN, gone)
    for call in (
        registers.staff.set_roles(ADMIN, last, ["reviewer"]),
        registers.staff.disable(ADMIN, last),
    ):
        with pytest.raises(Conflict) as refused:
            await call
        assert refused.value.code == "last_admin"
    await registers.staff.set_roles(ADMIN, last, ["admin", "lead"])
    await registers.staff.enable(ADMIN, gone)
    await registers.staff.disable(ADMIN, last)


async def test_admins_who_disable_one_another_at_once_leave_one(registers: Registers) -> None:
    ids = [(await registers.person(f"admin{n}", "admin")).staff_id for n in range(6)]
    await asyncio.gather(
        *(registers.staff.disable(acting(ids[n - 1]), staff_id) for n, staff_id in enumerate(ids)),
        return_exceptions=True,
    )
    assert sum(person.is_acting_admin for person in await registers.staff.everybody()) == 1


async def test_who_is_disabled_is_signed_out_and_stays_out(registers: Registers) -> None:
    added = await registers.person("li.na")
    done = await signed_in(registers, "li.na", added.password)
    await registers.staff.disable(ADMIN, added.staff_id)
    assert await registers.sign_in.session(done.token) is None
    assert not isinstance(await registers.sign_in.sign_in("li.na", added.password, HOME), SignedIn)
    assert not await registers.staff.has_unused_one_time_password()
    await registers.staff.enable(ADMIN, added.staff_id)
    assert await registers.sign_in.session(done.token) is None
    await signed_in(registers, "li.na", added.password)


async def test_a_reset_password_ends_sessions_and_the_old_password(
    registers: Registers, audit_log: Ledger
) -> None:
    added = await registers.person("li.na")
    done = await signed_in(registers, "li.na", added.password)
    fresh = await registers.staff.reset_password(ADMIN, added.staff_id)
    assert await registers.sign_in.session(done.token) is None
    assert not isinstance(await registers.sign_in.sign_in("li.na", added.password, HOME), SignedIn)
    again = await signed_in(registers, "li.na", fresh.password)
    assert again.session.staff.must_change_password
    assert fresh.password not in await audit_log.text()


async def test_a_declared_tie_stands_until_another_person_ends_it(
    registers: Registers, audit_log: Ledger
) -> None:
    provider_id = await registers.provider()
    person = (await registers.person("li.na")).staff_id
    assert not await registers.staff.is_tied(person, provider_id)
    await registers.staff.declare_tie(acting(person), person, provider_id, "配偶任职")
    assert await registers.staff.is_tied(person, provider_id)
    for _ in range(2):
        await registers.staff.end_tie(ADMIN, person, provider_id)
    assert not await registers.staff.is_tied(person, provider_id)
    await registers.staff.declare_tie(ADMIN, person, provider_id, "再次任职")
    assert await registers.staff.is_tied(person, provider_id)
    (tie,) = await registers.staff.ties(person)
    assert (tie.reason, tie.ended_at) == ("再次任职", None)
    assert (await audit_log.kinds(person)).count("staff_changed") == 3


async def test_ties_are_between_people_and_providers_that_exist(registers: Registers) -> None:
    person = (await registers.person("li.na")).staff_id
    provider_id = await registers.provider()
    for call in (
        registers.staff.declare_tie(ADMIN, person, "prv_none", "任职"),
        registers.staff.declare_tie(ADMIN, "stf_none", provider_id, "任职"),
        registers.staff.end_tie(ADMIN, person, provider_id),
    ):
        with pytest.raises(NotFound):
            await call


async def test_who_holds_a_key_of_a_provider_is_tied_to_it_until_it_is_revoked(
    registers: Registers,
) -> None:
    provider_id, other = await registers.provider(), await registers.provider()
    person = (await registers.person("li.na")).staff_id
    sender_id = await registers.sender(provider_id, person)
    assert await registers.staff.is_tied(person, provider_id)
    assert not await registers.staff.is_tied(person, other)
    await registers.keys.revoke_sender(ADMIN, sender_id)
    assert not await registers.staff.is_tied(person, provider_id)


async def test_everybody_may_choose_their_language(registers: Registers) -> None:
    person = (await registers.person("li.na")).staff_id
    await registers.staff.set_language(acting(person), person, "en")
    assert [one.language for one in await registers.staff.everybody()] == ["en"]
    with pytest.raises(Invalid):
        await registers.staff.set_language(acting(person), person, "fr")
