"""Recipients are tokens with a device secret, and what they refuse stays refused."""

import asyncio

import pytest
from sqlalchemy import select

from app.domain.push import ContentKind
from app.errors import Conflict, Forbidden, GatewayError, Invalid, NotFound, Unauthenticated
from app.recipients.models import recipients as recipients_table
from app.recipients.repository import Minor, RefusalScope, minors, standing_refusals, time_zones
from app.recipients.service import NewRecipient, NewRefusal, Recipients, Registered
from tests.fixtures.database import Ledger
from tests.fixtures.registers import ADMIN, Registers

NAME = "r_1"
ALL = NewRefusal(RefusalScope.ALL, None)
NO_ADS = NewRefusal(RefusalScope.KIND, ContentKind.ADVERTISEMENT)
NO_PROFILE = NewRefusal(RefusalScope.PERSONALISATION, None)


@pytest.fixture
def recipients(registers: Registers) -> Recipients:
    return Recipients(registers.db, registers.clock, registers.register)


@pytest.fixture
async def surface_id(registers: Registers) -> str:
    return await registers.surface(await registers.provider())


def device(surface_id: str, token: str | None = NAME, **more: object) -> NewRecipient:
    values: dict[str, object] = {"time_zone": None, "minor": None} | more
    return NewRecipient(surface_id, token, **values)  # type: ignore[arg-type]


async def registered(
    recipients: Recipients, surface_id: str, token: str | None = NAME
) -> tuple[str, str]:
    """Register a device and return its token and its secret."""
    done = await recipients.register(device(surface_id, token), None)
    assert done.secret is not None
    return done.recipient.token, done.secret


async def refused(
    registers: Registers,
    surface_id: str,
    tokens: list[str],
    kind: ContentKind = ContentKind.NEWS,
    *,
    personalised: bool = False,
) -> set[str]:
    return await registers.db.read(
        lambda tx: standing_refusals(tx, surface_id, tokens, kind, personalised=personalised)
    )


async def test_a_device_registers_without_saying_who_it_is(
    registers: Registers, recipients: Recipients, surface_id: str, audit_log: Ledger
) -> None:
    token, secret = await registered(recipients, surface_id, None)
    assert token.startswith("r_")
    assert await recipients.authenticate(surface_id, token, secret)
    found = await recipients.by_secret(secret)
    assert (found.surface_id, found.token, found.minor) == (surface_id, token, Minor.UNKNOWN)
    rows = await registers.db.read(lambda tx: tx.execute(select(recipients_table)).all())
    assert secret not in str(rows)
    assert secret not in await audit_log.text()
    assert await audit_log.kinds(token) == ["recipient_registered"]


async def test_a_secret_opens_one_recipient_of_one_surface(
    registers: Registers, recipients: Recipients, surface_id: str
) -> None:
    other = await registers.surface(await registers.provider())
    token, secret = await registered(recipients, surface_id)
    same_token, other_secret = await registered(recipients, other)
    assert token == same_token
    assert not await recipients.authenticate(other, token, secret)
    assert not await recipients.authenticate(surface_id, "r_2", secret)
    assert await recipients.authenticate(other, token, other_secret)


@pytest.mark.parametrize("secret", ["", "pgd_", "pgd_unknown", "pgd_\ud800", "x" * 5000])
async def test_what_is_no_secret_opens_nothing(
    recipients: Recipients, surface_id: str, secret: str
) -> None:
    await registered(recipients, surface_id)
    assert not await recipients.authenticate(surface_id, "r_1", secret)
    for call in (
        recipients.by_secret(secret),
        recipients.refuse(secret, ALL),
        recipients.refusals(secret),
        recipients.withdraw(secret, "ref_x"),
    ):
        with pytest.raises(Unauthenticated):
            await call


async def test_a_taken_token_is_changed_with_its_secret_only(
    recipients: Recipients, surface_id: str, audit_log: Ledger
) -> None:
    token, secret = await registered(recipients, surface_id)
    for stranger in (None, "pgd_guessed", ""):
        with pytest.raises(Conflict) as taken:
            await recipients.register(device(surface_id, token), stranger)
        assert taken.value.code == "recipient_taken"
    wanted = device(surface_id, token, time_zone="Asia/Urumqi", minor=Minor.YES)
    for again in (wanted, wanted, device(surface_id, token)):
        done = await recipients.register(again, secret)
        assert done.secret is None
        assert (done.recipient.time_zone, done.recipient.minor) == ("Asia/Urumqi", Minor.YES)
    assert await audit_log.kinds(token) == ["recipient_registered", "recipient_changed"]


async def test_of_many_devices_with_one_token_one_is_registered(
    recipients: Recipients, surface_id: str
) -> None:
    done = await asyncio.gather(
        *(recipients.register(device(surface_id), None) for _ in range(32)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Registered) for one in done) == 1
    assert sum(isinstance(one, Conflict) for one in done) == 31


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "bad_recipient"),
        ("r" * 65, "bad_recipient"),
        ("r 1", "bad_recipient"),
        ("r/1", "bad_recipient"),
        ("r_1\n", "bad_recipient"),
        ("用户", "bad_recipient"),
        ("13812345678", "personal_data"),
        ("+8613812345678", "personal_data"),
        ("11010519491231002X", "personal_data"),
        ("li.na@example.com", "personal_data"),
    ],
)
async def test_a_token_is_a_pseudonym_in_safe_characters(
    recipients: Recipients, surface_id: str, token: str, code: str
) -> None:
    with pytest.raises(Invalid) as bad:
        await recipients.register(device(surface_id, token), None)
    assert [(p.pointer, p.code) for p in bad.value.problems] == [("/recipient", code)]


async def test_a_time_zone_has_to_exist(recipients: Recipients, surface_id: str) -> None:
    with pytest.raises(Invalid) as bad:
        await recipients.register(device(surface_id, time_zone="Asia/Atlantis"), None)
    assert [problem.pointer for problem in bad.value.problems] == ["/time_zone"]


async def test_nobody_registers_at_a_surface_that_is_unknown_or_closed(
    registers: Registers, recipients: Recipients, surface_id: str
) -> None:
    await registers.surfaces.close(ADMIN, surface_id)
    for absent in (surface_id, "srf_none"):
        with pytest.raises(NotFound):
            await recipients.register(device(absent), None)


async def test_each_scope_refuses_what_it_says_and_no_more(
    registers: Registers, recipients: Recipients, surface_id: str
) -> None:
    news, ads = ContentKind.NEWS, ContentKind.ADVERTISEMENT
    for token, refusal in (("r_all", ALL), ("r_ads", NO_ADS), ("r_profile", NO_PROFILE)):
        _, secret = await registered(recipients, surface_id, token)
        await recipients.refuse(secret, refusal)
    await registered(recipients, surface_id, "r_open")
    tokens = ["r_all", "r_ads", "r_profile", "r_open", "r_never_seen"]
    assert await refused(registers, surface_id, tokens, news) == {"r_all"}
    assert await refused(registers, surface_id, tokens, ads) == {"r_all", "r_ads"}
    personal = await refused(registers, surface_id, tokens, news, personalised=True)
    assert personal == {"r_all", "r_profile"}
    assert await refused(registers, surface_id, ["r_ads"], ads, personalised=True) == {"r_ads"}
    assert await refused(registers, surface_id, [], ads) == set()
    assert await refused(registers, "srf_other", tokens, ads) == set()


async def test_a_refusal_stands_until_it_is_taken_back(
    registers: Registers, recipients: Recipients, surface_id: str, audit_log: Ledger
) -> None:
    token, secret = await registered(recipients, surface_id)
    refusal, made = await recipients.refuse(secret, NO_ADS)
    again, made_again = await recipients.refuse(secret, NO_ADS)
    assert (made, made_again, again) == (True, False, refusal)
    assert await recipients.refusals(secret) == [refusal]
    for _ in range(2):
        await recipients.withdraw(secret, refusal.id)
    assert await recipients.refusals(secret) == []
    ads = ContentKind.ADVERTISEMENT
    assert await refused(registers, surface_id, [token], ads) == set()
    assert await audit_log.kinds(refusal.id) == ["refusal_recorded", "refusal_withdrawn"]
    anew, made_anew = await recipients.refuse(secret, NO_ADS)
    assert made_anew
    assert anew.id != refusal.id


async def test_one_refusal_stands_however_often_it_is_sent_at_once(
    recipients: Recipients, surface_id: str
) -> None:
    _, secret = await registered(recipients, surface_id)
    done = await asyncio.gather(*(recipients.refuse(secret, ALL) for _ in range(32)))
    assert sum(made for _, made in done) == 1
    assert len(await recipients.refusals(secret)) == 1


async def test_nobody_touches_the_refusals_of_another(
    recipients: Recipients, surface_id: str
) -> None:
    _, secret = await registered(recipients, surface_id, "r_1")
    _, stranger = await registered(recipients, surface_id, "r_2")
    refusal, _ = await recipients.refuse(secret, ALL)
    for name in (refusal.id, "ref_none", "\ud800", "ref_" + "0" * 26):
        with pytest.raises(NotFound):
            await recipients.withdraw(stranger, name)
    for claim in (
        NewRefusal(RefusalScope.ALL, None, surface_id, "r_1"),
        NewRefusal(RefusalScope.ALL, None, "srf_other", None),
    ):
        with pytest.raises(Forbidden):
            await recipients.refuse(stranger, claim)
    assert await recipients.refusals(stranger) == []
    assert await recipients.refusals(secret) == [refusal]


@pytest.mark.parametrize(
    "wrong",
    [
        NewRefusal(RefusalScope.KIND, None),
        NewRefusal(RefusalScope.ALL, ContentKind.NEWS),
        NewRefusal(RefusalScope.PERSONALISATION, ContentKind.NEWS),
    ],
)
async def test_a_kind_goes_with_the_scope_kind(
    recipients: Recipients, surface_id: str, wrong: NewRefusal
) -> None:
    _, secret = await registered(recipients, surface_id)
    with pytest.raises(GatewayError) as bad:
        await recipients.refuse(secret, wrong)
    assert [problem.pointer for problem in bad.value.problems] == ["/kind"]


async def test_the_dispatcher_learns_time_zones_and_minors_of_those_who_registered(
    registers: Registers, recipients: Recipients, surface_id: str
) -> None:
    await recipients.register(device(surface_id, "r_1", time_zone="Asia/Urumqi"), None)
    await recipients.register(device(surface_id, "r_2", minor=Minor.NO), None)
    tokens = ["r_1", "r_2", "r_never_seen"]
    zones = await registers.db.read(lambda tx: time_zones(tx, surface_id, tokens))
    assert zones == {"r_1": "Asia/Urumqi"}
    known = await registers.db.read(lambda tx: minors(tx, surface_id, tokens))
    assert known == {"r_1": Minor.UNKNOWN, "r_2": Minor.NO}
