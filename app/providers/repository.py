"""Reading and writing the register."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, or_, select
from sqlalchemy.exc import IntegrityError

from app.db.session import Tx
from app.domain.facts import Licence
from app.domain.registers import ContentClass
from app.errors import NotFound, Words
from app.providers import paper_repository
from app.providers.models import (
    licences,
    providers,
    sender_keys,
    senders,
    surface_grants,
    surfaces,
)
from app.providers.register import (
    Grant,
    Provider,
    RegisteredLicence,
    RegisterRows,
    RegisterSnapshot,
    Scope,
    Sender,
    SenderKey,
    Surface,
    SurfaceChannel,
    SurfaceForm,
    build_snapshot,
)


def load_register(tx: Tx) -> RegisterSnapshot:
    """Read the whole register."""
    grants = tx.execute(select(surface_grants).order_by(surface_grants.c.granted_at))
    return build_snapshot(
        RegisterRows(
            providers=[_provider(row) for row in _by_age(tx, providers)],
            licences=[_licence(row) for row in _by_age(tx, licences)],
            surfaces=[_surface(row) for row in _by_age(tx, surfaces)],
            grants=[_grant(row) for row in grants],
            senders=[_sender(row) for row in _by_age(tx, senders)],
            keys=[_key(row) for row in _by_age(tx, sender_keys)],
            papers=paper_repository.load_papers(tx),
            advertisers=paper_repository.load_advertisers(tx),
        )
    )


def provider_by_id(tx: Tx, provider_id: str) -> Provider | None:
    """Return a provider, locked for the rest of the transaction."""
    row = _locked(tx, providers, provider_id)
    return None if row is None else _provider(row)


def provider_by_code(tx: Tx, credit_code: str) -> Provider | None:
    """Return the provider with that credit code."""
    row = tx.execute(select(providers).where(providers.c.credit_code == credit_code)).one_or_none()
    return None if row is None else _provider(row)


def insert_provider(tx: Tx, provider: Provider) -> None:
    """Store a new provider."""
    tx.execute(
        providers.insert().values(
            **_values(provider, "id legal_name display_name credit_code created_at"),
            link_domains=list(provider.link_domains),
            status="suspended" if provider.suspended else "active",
        )
    )


def update_provider(tx: Tx, provider_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a provider."""
    tx.execute(providers.update().where(providers.c.id == provider_id).values(**values))


def licence_by_id(tx: Tx, licence_id: str) -> RegisteredLicence | None:
    """Return a licence, locked."""
    row = _locked(tx, licences, licence_id)
    return None if row is None else _licence(row)


def insert_licence(tx: Tx, entry: RegisteredLicence) -> None:
    """Store a licence."""
    tx.execute(
        licences.insert().values(
            **_values(entry, "id provider_id created_at"),
            **_values(entry.licence, "kind number valid_from valid_to"),
            services=list(entry.licence.services),
        )
    )


def revoke_licence(tx: Tx, licence_id: str, at: datetime) -> None:
    """Mark a licence as no longer counting."""
    tx.execute(licences.update().where(licences.c.id == licence_id).values(revoked_at=at))


def surface_by_id(tx: Tx, surface_id: str) -> Surface | None:
    """Return a surface, locked."""
    row = _locked(tx, surfaces, surface_id)
    return None if row is None else _surface(row)


def insert_surface(tx: Tx, surface: Surface) -> None:
    """Store a new surface."""
    tx.execute(
        surfaces.insert().values(
            **_values(surface, "id provider_id name time_zone complaint_contact app_category"),
            **_values(surface, "webhook_url webhook_secret created_at elderly_mode for_minors"),
            form=surface.form.value,
            channel=surface.channel.value,
            status="closed" if surface.closed else "active",
        )
    )


def update_surface(tx: Tx, surface_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a surface."""
    tx.execute(surfaces.update().where(surfaces.c.id == surface_id).values(**values))


def grant(tx: Tx, surface_id: str, provider_id: str) -> Grant | None:
    """Return a grant, standing or revoked."""
    row = tx.execute(
        select(surface_grants).where(*_grant_key(surface_id, provider_id)).with_for_update()
    ).one_or_none()
    return None if row is None else _grant(row)


def put_grant(tx: Tx, entry: Grant) -> None:
    """Store a grant in the place of an earlier one for the same two."""
    values = {"granted_at": entry.granted_at, "revoked_at": entry.revoked_at}
    key = _grant_key(entry.surface_id, entry.provider_id)
    if tx.execute(surface_grants.update().where(*key).values(**values)).rowcount == 0:
        tx.execute(
            surface_grants.insert().values(
                surface_id=entry.surface_id, provider_id=entry.provider_id, **values
            )
        )


def sender_by_id(tx: Tx, sender_id: str) -> Sender | None:
    """Return a sender, locked."""
    row = _locked(tx, senders, sender_id)
    return None if row is None else _sender(row)


def sender_by_name(tx: Tx, provider_id: str, name: str) -> Sender | None:
    """Return the provider's sender of that name that is not revoked."""
    row = tx.execute(
        select(senders).where(
            senders.c.provider_id == provider_id,
            senders.c.name == name,
            senders.c.revoked_at.is_(None),
        )
    ).first()
    return None if row is None else _sender(row)


def insert_sender(tx: Tx, sender: Sender) -> None:
    """Store a sender; NotFound if its holder is no staff member."""
    try:
        tx.execute(
            senders.insert().values(
                **_values(sender, "id provider_id name holder holder_staff_id created_at"),
                scopes=sorted(scope.value for scope in sender.scopes),
            )
        )
    except IntegrityError as error:
        raise NotFound(Words("没有这位人员", "No such staff member")) from error


def revoke_sender(tx: Tx, sender_id: str, at: datetime) -> None:
    """Revoke a sender."""
    tx.execute(senders.update().where(senders.c.id == sender_id).values(revoked_at=at))


def key_by_id(tx: Tx, key_id: str) -> SenderKey | None:
    """Return a key, locked."""
    row = _locked(tx, sender_keys, key_id)
    return None if row is None else _key(row)


def live_keys(tx: Tx, sender_id: str) -> list[SenderKey]:
    """Return the sender's keys that are not revoked; lock the sender first to rely on it."""
    rows = tx.execute(
        select(sender_keys)
        .where(sender_keys.c.sender_id == sender_id, sender_keys.c.revoked_at.is_(None))
        .order_by(sender_keys.c.id)
    )
    return [_key(row) for row in rows]


def insert_key(tx: Tx, key: SenderKey) -> None:
    """Store a key by its hash."""
    values = _values(key, "id sender_id key_hash hint created_at")
    tx.execute(sender_keys.insert().values(**values))


def revoke_key(tx: Tx, key_id: str, at: datetime) -> None:
    """Revoke a key."""
    tx.execute(sender_keys.update().where(sender_keys.c.id == key_id).values(revoked_at=at))


def touch_keys(tx: Tx, used: Mapping[str, datetime]) -> None:
    """Note when keys were used; an earlier time never replaces a later one."""
    for key_id, at in sorted(used.items()):
        earlier = or_(sender_keys.c.last_used_at.is_(None), sender_keys.c.last_used_at < at)
        tx.execute(
            sender_keys.update().where(sender_keys.c.id == key_id, earlier).values(last_used_at=at)
        )


def last_used(tx: Tx, provider_id: str) -> dict[str, datetime]:
    """Return when each used key of a provider was last used, by key id."""
    rows = tx.execute(
        select(sender_keys.c.id, sender_keys.c.last_used_at)
        .join(senders, senders.c.id == sender_keys.c.sender_id)
        .where(senders.c.provider_id == provider_id, sender_keys.c.last_used_at.is_not(None))
    )
    return {row.id: row.last_used_at for row in rows}


def holds_key(tx: Tx, staff_id: str, provider_id: str) -> bool:
    """Tell whether a staff member is the holder of a sender of the provider that is not revoked."""
    found = tx.execute(
        select(senders.c.id).where(
            senders.c.provider_id == provider_id,
            senders.c.holder_staff_id == staff_id,
            senders.c.revoked_at.is_(None),
        )
    )
    return found.first() is not None


def _by_age(tx: Tx, table: Table) -> list[Row[Any]]:
    return list(tx.execute(select(table).order_by(table.c.id)).all())


def _locked(tx: Tx, table: Table, row_id: str) -> Row[Any] | None:
    return tx.execute(select(table).where(table.c.id == row_id).with_for_update()).one_or_none()


def _values(entry: object, names: str) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in names.split()}


def _grant_key(surface_id: str, provider_id: str) -> tuple[Any, Any]:
    return (
        surface_grants.c.surface_id == surface_id,
        surface_grants.c.provider_id == provider_id,
    )


def _provider(row: Row[Any]) -> Provider:
    return Provider(
        **_values(row, "id legal_name display_name credit_code outcome_url outcome_secret"),
        link_domains=tuple(row.link_domains),
        suspended=row.status == "suspended",
        **_values(row, "created_at content_head chief_editor verified_until"),
        content_classes=tuple(ContentClass(one) for one in row.content_classes),
    )


def _licence(row: Row[Any]) -> RegisteredLicence:
    licence = Licence(row.kind, row.number, tuple(row.services), row.valid_from, row.valid_to)
    return RegisteredLicence(row.id, row.provider_id, licence, row.created_at, row.revoked_at)


def _surface(row: Row[Any]) -> Surface:
    return Surface(
        **_values(row, "id provider_id name time_zone complaint_contact app_category"),
        **_values(row, "webhook_url webhook_secret created_at elderly_mode for_minors"),
        form=SurfaceForm(row.form),
        channel=SurfaceChannel(row.channel),
        closed=row.status == "closed",
    )


def _grant(row: Row[Any]) -> Grant:
    return Grant(row.surface_id, row.provider_id, row.granted_at, row.revoked_at)


def _sender(row: Row[Any]) -> Sender:
    return Sender(
        **_values(row, "id provider_id name holder holder_staff_id created_at revoked_at"),
        scopes=frozenset(Scope(scope) for scope in row.scopes),
    )


def _key(row: Row[Any]) -> SenderKey:
    return SenderKey(row.id, row.sender_id, row.key_hash, row.hint, row.created_at, row.revoked_at)
