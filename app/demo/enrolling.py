"""Puts the demo's cast into the register, once: what is there already is left as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.audit.events import Actor, system
from app.bootstrap import Services
from app.delivery.vendors import Vendors
from app.demo import cast
from app.demo.folder import DemoFolder
from app.demo.papers import check_advertisers, put_on_file
from app.demo.wire import DemoSender
from app.domain.facts import NEWS_LICENCE, Licence, NewsService
from app.domain.push import ContentKind
from app.errors import Conflict
from app.providers.enrolment import NewProvider
from app.providers.keys import NewSender
from app.providers.register import RegisterSnapshot, Scope
from app.providers.surfaces import NewSurface, SurfaceDetails
from app.recipients.repository import Minor, RefusalScope
from app.recipients.service import NewRecipient, NewRefusal
from app.staff.service import NewStaff

ACTOR: Final[Actor] = system("demo")

_LICENCE: Final = Licence(
    NEWS_LICENCE,
    cast.LICENCE,
    (NewsService.REPRINTING, NewsService.PLATFORM),
    date(2026, 1, 1),
    date(2035, 12, 31),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in; the password is None once it was changed."""

    username: str
    name: str
    role: str
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the rest of the demo needs of the register."""

    surface_id: str
    keys: Mapping[DemoSender, str] = field(repr=False)
    people: tuple[Person, ...]


async def enrol(services: Services, folder: DemoFolder) -> Enrolled:
    """Register whatever is missing of the cast and return what is there then."""
    providers = {one.display_name: await _provider(services, one) for one in cast.PROVIDERS}
    for provider in providers.values():
        await put_on_file(services, ACTOR, provider)
    await check_advertisers(services, ACTOR)
    surface = await _surface(services, providers)
    keys = {
        card.sender: await _key(services, folder, card, providers[card.provider.display_name])
        for card in cast.SENDERS
    }
    people = tuple([await _person(services, one) for one in cast.STAFF])
    await _sources(services)
    await _devices(services, surface)
    await _topic(services)
    await _vendors(services, surface)
    return Enrolled(surface, keys, people)


async def _register(services: Services) -> RegisterSnapshot:
    await services.watch.refresh()
    return await services.register.current()


async def _provider(services: Services, one: cast.DemoProvider) -> str:
    for known in (await _register(services)).providers.values():
        if known.credit_code == one.credit_code:
            return known.id
    new = NewProvider(one.legal_name, one.display_name, one.credit_code, one.domains)
    return await services.enrolment.add_provider(ACTOR, new)


async def _surface(services: Services, providers: Mapping[str, str]) -> str:
    """Return the surface, open to both providers, its owner licensed for news."""
    owner, guest = providers[cast.WINDOW], providers[cast.TEA]
    register = await _register(services)
    if not register.licences_of(owner):
        await services.enrolment.add_licence(ACTOR, owner, _LICENCE)
    found = [one.id for one in register.surfaces.values() if one.name == cast.SURFACE]
    if found:
        surface = found[0]
    else:
        details = SurfaceDetails(cast.SURFACE, "Asia/Shanghai", cast.CONTACT, "news")
        added = await services.surfaces.add(ACTOR, NewSurface(owner, "app", "inbox", details))
        surface = added.surface_id
    if not register.may_push(guest, surface):
        await services.surfaces.grant(ACTOR, surface, guest)
    return surface


async def _key(
    services: Services, folder: DemoFolder, card: cast.DemoSenderCard, provider_id: str
) -> str:
    """Return the sender's key: the one it keeps in its file, or a new one in its place."""
    known = await services.sender_keys.find_sender(provider_id, card.name)
    if known is None:
        scopes = frozenset(scope.value for scope in Scope)
        new = NewSender(provider_id, card.name, card.holder, None, scopes)
        sender = await services.sender_keys.add_sender(ACTOR, new)
    else:
        sender = known.id
    register = await _register(services)
    kept = folder.key(card.sender)
    if kept is not None and register.caller(kept) is not None:
        return kept
    for key in register.keys_of(sender):
        if key.revoked_at is None:
            await services.sender_keys.revoke_key(ACTOR, key.id)
    issued = await services.sender_keys.issue(ACTOR, sender)
    folder.keep_key(card.sender, issued.raw)
    return issued.raw


async def _person(services: Services, one: cast.DemoPerson) -> Person:
    """Return somebody with a one-time password, a new one while the old was never used."""
    known = {member.username: member for member in await services.staff.everybody()}
    member = known.get(one.username)
    if member is None:
        new = NewStaff(one.username, one.name, frozenset({one.role}))
        password: str | None = (await services.staff.add(ACTOR, new)).password
    elif member.must_change_password:
        password = (await services.staff.reset_password(ACTOR, member.id)).password
    else:
        password = None
    return Person(one.username, one.name, one.role, password)


async def _sources(services: Services) -> None:
    """Put the source list in force by two admins: one imports it, the other publishes it."""
    await services.watch.refresh()
    if (await services.packs.active()).sources is not None:
        return
    importer, publisher = await _admins(services)
    draft = await services.packs.import_sources(
        importer, cast.SOURCE_EDITION, cast.SOURCE_LIST.encode(), "随演示提供 / ships with the demo"
    )
    await services.packs.publish(draft.edition.id, publisher)
    await services.watch.refresh()


async def _topic(services: Services) -> None:
    """Have two admins register a topic that caps may name."""
    if await services.policies.topics.all():
        return
    first, second = await _admins(services)
    made = await services.policies.topics.propose(first, cast.TOPIC)
    await services.policies.topics.approve(made.id, second)


async def _vendors(services: Services, surface: str) -> None:
    """Say whose phones the surface's users have, so that vendors' drops are foreseen."""
    vendors = Vendors(services.db, services.clock)
    if not await vendors.users(surface):
        await vendors.set_users(ACTOR, surface, cast.VENDOR_USERS)


async def _admins(services: Services) -> tuple[str, str]:
    ids = {member.username: member.id for member in await services.staff.everybody()}
    first, second = (ids[one.username] for one in cast.STAFF if one.role == "admin")
    return first, second


async def _devices(services: Services, surface: str) -> None:
    """Register the devices that nobody looks at; their secrets are thrown away."""
    for token in cast.DEVICE_RECIPIENTS:
        minor = Minor.YES if token in cast.MINOR_DEVICES else Minor.NO
        try:
            made = await services.recipients.register(
                NewRecipient(surface, token, None, minor), None
            )
        except Conflict:
            continue
        if token in cast.REFUSING_DEVICES and made.secret is not None:
            refusal = NewRefusal(RefusalScope.KIND, ContentKind.ADVERTISEMENT)
            await services.recipients.refuse(made.secret, refusal)
