"""The register as frozen values: who may push where, and whose key is whose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from app.domain.facts import Licence, ProviderFacts
from app.domain.registers import NOTHING_ON_FILE, AdvertiserFacts, ContentClass, OnFile
from app.providers.filed import Advertiser, FiledPaper, checked, gathered

KEY_PREFIX = "pgk_"
_KEY_LIMIT = 100


class Scope(StrEnum):
    """What a sender's key may be used for; a closed set."""

    PUSH_SUBMIT = "push:submit"
    PUSH_READ = "push:read"
    PUSH_WITHDRAW = "push:withdraw"
    AUDIENCE_WRITE = "audience:write"
    CAPS_READ = "caps:read"


class SurfaceForm(StrEnum):
    """What a surface is (Provisions art. 2: system, device, app or site)."""

    APP = "app"
    BROWSER = "browser"
    SYSTEM = "system"
    DEVICE = "device"
    SITE = "site"


class SurfaceChannel(StrEnum):
    """How pushes reach a surface."""

    INBOX = "inbox"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Provider:
    """A legal person in the register; `outcome_url` takes its outcome webhooks."""

    id: str
    legal_name: str
    display_name: str
    credit_code: str
    link_domains: tuple[str, ...]
    suspended: bool
    outcome_url: str | None
    outcome_secret: str | None = field(repr=False)
    created_at: datetime
    content_head: str = ""
    chief_editor: str = ""
    verified_until: date | None = None
    content_classes: tuple[ContentClass, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredLicence:
    """A licence with its place in the register; a revoked one is kept and no longer counts."""

    id: str
    provider_id: str
    licence: Licence
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Surface:
    """Where popups are shown; its owner may push there, others by grant."""

    id: str
    provider_id: str
    name: str
    form: SurfaceForm
    channel: SurfaceChannel
    time_zone: str
    complaint_contact: str
    app_category: str
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    closed: bool
    created_at: datetime
    elderly_mode: bool = False
    for_minors: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A provider other than the owner may push to a surface, until the grant is revoked."""

    surface_id: str
    provider_id: str
    granted_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sender:
    """A named holder of keys of a provider; `holder` is the person who answers for them."""

    id: str
    provider_id: str
    name: str
    holder: str
    holder_staff_id: str | None
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SenderKey:
    """A key by the SHA-256 of its text; `hint` is its last characters, to tell two apart."""

    id: str
    sender_id: str
    key_hash: str = field(repr=False)
    hint: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes an API call; `submitter` is the person, `staff:stf_…` or `sender:snd_…`."""

    sender_id: str
    key_id: str
    provider_id: str
    submitter: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class RegisterSnapshot:
    """The whole register at one version, revoked entries included; lookups need no database."""

    providers: Mapping[str, Provider]
    licences: tuple[RegisteredLicence, ...]
    surfaces: Mapping[str, Surface]
    grants: tuple[Grant, ...]
    senders: Mapping[str, Sender]
    keys: tuple[SenderKey, ...]
    papers: tuple[FiledPaper, ...]
    advertisers: Mapping[str, Advertiser]
    _facts: Mapping[str, ProviderFacts] = field(repr=False)
    _by_code: Mapping[str, AdvertiserFacts] = field(repr=False)
    _granted: frozenset[tuple[str, str]] = field(repr=False)
    _callers: Mapping[str, Caller] = field(repr=False)

    def provider(self, provider_id: str) -> Provider | None:
        """Return a provider, suspended or not."""
        return self.providers.get(provider_id)

    def surface(self, surface_id: str) -> Surface | None:
        """Return a surface, closed or not."""
        return self.surfaces.get(surface_id)

    def may_push(self, provider_id: str, surface_id: str) -> bool:
        """Tell whether the surface is open and this provider owns it or has a standing grant."""
        surface = self.surfaces.get(surface_id)
        if surface is None or surface.closed:
            return False
        return surface.provider_id == provider_id or (surface_id, provider_id) in self._granted

    def caller(self, raw_key: str) -> Caller | None:
        """Return whose live key this is; None for an unknown or revoked one."""
        if not raw_key.startswith(KEY_PREFIX) or len(raw_key) > _KEY_LIMIT:
            return None
        return self._callers.get(key_hash(raw_key))

    def provider_facts(self, provider_id: str) -> ProviderFacts | None:
        """Return what rules may know of a provider, the same object each time; None for none.

        Licences and papers that were revoked are left out, past and future ones are not.
        """
        return self._facts.get(provider_id)

    def licences_of(self, provider_id: str) -> tuple[Licence, ...]:
        """Return the provider's licences that were not revoked, past and future ones included."""
        facts = self._facts.get(provider_id)
        return () if facts is None else facts.licences

    def on_file(self, provider_id: str) -> OnFile:
        """Return what is on file of a provider beside its licences, without what was revoked."""
        facts = self._facts.get(provider_id)
        return NOTHING_ON_FILE if facts is None else facts.on_file

    def advertiser_by_code(self, credit_code: str) -> AdvertiserFacts | None:
        """Return the advertiser with that credit code, unless it was struck off."""
        return self._by_code.get(credit_code.strip().upper())

    def senders_of(self, provider_id: str) -> tuple[Sender, ...]:
        """Return the provider's senders, oldest first, revoked ones included."""
        return tuple(s for s in self.senders.values() if s.provider_id == provider_id)

    def keys_of(self, sender_id: str) -> tuple[SenderKey, ...]:
        """Return the sender's keys, oldest first, revoked ones included."""
        return tuple(key for key in self.keys if key.sender_id == sender_id)


@dataclass(frozen=True, slots=True)
class RegisterRows:
    """All that the tables of the register hold, each in the order of age."""

    providers: Iterable[Provider]
    licences: Iterable[RegisteredLicence]
    surfaces: Iterable[Surface]
    grants: Iterable[Grant]
    senders: Iterable[Sender]
    keys: Iterable[SenderKey]
    papers: Iterable[FiledPaper] = ()
    advertisers: Iterable[Advertiser] = ()


def build_snapshot(rows: RegisterRows) -> RegisterSnapshot:
    """Return the snapshot over all rows; a key is live if neither it nor its sender is revoked."""
    senders = {sender.id: sender for sender in rows.senders}
    grants = tuple(rows.grants)
    keys = tuple(rows.keys)
    providers = {provider.id: provider for provider in rows.providers}
    papers = tuple(rows.papers)
    licences = tuple(rows.licences)
    advertisers = {one.id: one for one in rows.advertisers}
    return RegisterSnapshot(
        providers=providers,
        licences=licences,
        surfaces={surface.id: surface for surface in rows.surfaces},
        grants=grants,
        senders=senders,
        keys=keys,
        papers=papers,
        advertisers=advertisers,
        _facts={one.id: _facts(one, licences, papers) for one in providers.values()},
        _by_code={
            one.credit_code: checked(one) for one in advertisers.values() if one.struck_at is None
        },
        _granted=frozenset((g.surface_id, g.provider_id) for g in grants if g.revoked_at is None),
        _callers={
            key.key_hash: _caller(senders[key.sender_id], key)
            for key in keys
            if key.revoked_at is None and senders[key.sender_id].revoked_at is None
        },
    )


def key_hash(raw_key: str) -> str:
    """Return the SHA-256 of a key's text, hex; the text itself is stored nowhere."""
    return sha256(raw_key.encode("utf-8", "surrogatepass")).hexdigest()


def _facts(
    provider: Provider, licences: Iterable[RegisteredLicence], papers: Iterable[FiledPaper]
) -> ProviderFacts:
    return ProviderFacts(
        id=provider.id,
        legal_name=provider.legal_name,
        display_name=provider.display_name,
        suspended=provider.suspended,
        link_domains=provider.link_domains,
        licences=tuple(
            one.licence
            for one in licences
            if one.provider_id == provider.id and one.revoked_at is None
        ),
        on_file=_on_file(provider, papers),
    )


def _on_file(provider: Provider, papers: Iterable[FiledPaper]) -> OnFile:
    own = [one for one in papers if one.provider_id == provider.id]
    return replace(
        gathered(own),
        content_head=provider.content_head,
        chief_editor=provider.chief_editor,
        verified_until=provider.verified_until,
        content_classes=provider.content_classes,
    )


def _caller(sender: Sender, key: SenderKey) -> Caller:
    person = sender.holder_staff_id
    return Caller(
        sender_id=sender.id,
        key_id=key.id,
        provider_id=sender.provider_id,
        submitter=f"sender:{sender.id}" if person is None else f"staff:{person}",
        scopes=sender.scopes,
    )
