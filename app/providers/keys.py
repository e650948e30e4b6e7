"""Senders and their API keys: at most two live keys each, shown once, stored hashed."""

import secrets
from dataclasses import dataclass, field
from typing import Final

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.errors import Conflict, NotFound, Words
from app.fields import Fields
from app.ids import new_id
from app.providers import repository
from app.providers.register import KEY_PREFIX, Scope, Sender, SenderKey, key_hash
from app.providers.writer import RegisterWriter

LIVE_KEYS: Final = 2
"""How many live keys a sender may have: one in use and one to change over to."""

_HINT: Final = 4


@dataclass(frozen=True, slots=True)
class NewSender:
    """A sender to register; `holder_staff_id` where the holder is a member of staff."""

    provider_id: str
    name: str
    holder: str
    holder_staff_id: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; `raw` is what the sender puts after `Bearer`, shown this once."""

    key_id: str
    sender_id: str
    hint: str
    raw: str = field(repr=False)


class SenderKeys:
    """Commands on senders and keys; each raises Invalid, NotFound or Conflict."""

    def __init__(self, writer: RegisterWriter) -> None:
        """Change the register through `writer`."""
        self._writer = writer

    async def add_sender(self, actor: Actor, new: NewSender) -> str:
        """Register a sender of a provider and return its id; Conflict if the name is in use."""
        fields = Fields()
        scopes = fields.choices("/scopes", new.scopes, Scope)
        if not scopes:
            fields.add("/scopes", "required", "至少一项权限", "at least one scope")
        name = fields.text("/name", new.name, 100)
        holder = fields.text("/holder", new.holder, 100)
        fields.finish()
        sender = Sender(
            id=new_id("snd"),
            provider_id=new.provider_id,
            name=name,
            holder=holder,
            holder_staff_id=new.holder_staff_id,
            scopes=frozenset(Scope(scope) for scope in scopes),
            created_at=self._writer.now(),
            revoked_at=None,
        )

        def work(tx: Tx) -> str:
            if repository.provider_by_id(tx, sender.provider_id) is None:
                raise NotFound(Words("没有这个服务提供者", "No such provider"))
            if repository.sender_by_name(tx, sender.provider_id, sender.name) is not None:
                words = Words("该名称的发送方已存在", "There is a sender of this name")
                raise Conflict(words, code="sender_name_taken")
            repository.insert_sender(tx, sender)
            body = _sender_body(sender)
            record(tx, sender.created_at, AuditKind.SENDER_ADDED, actor, sender.id, **body)
            return sender.id

        return await self._writer.change(work)

    async def find_sender(self, provider_id: str, name: str) -> Sender | None:
        """Return the provider's sender of that name that is not revoked."""
        return await self._writer.read(lambda tx: repository.sender_by_name(tx, provider_id, name))

    async def issue(self, actor: Actor, sender_id: str) -> IssuedKey:
        """Make a key; Conflict `too_many_keys` if two are live, `sender_revoked`."""
        raw = KEY_PREFIX + secrets.token_urlsafe(32)
        key = SenderKey(
            id=new_id("key"),
            sender_id=sender_id,
            key_hash=key_hash(raw),
            hint=raw[-_HINT:],
            created_at=self._writer.now(),
            revoked_at=None,
        )

        def work(tx: Tx) -> IssuedKey:
            sender = _live_sender(tx, sender_id)
            if len(repository.live_keys(tx, sender_id)) >= LIVE_KEYS:
                raise Conflict(
                    Words("已有两个有效密钥，请先吊销一个", "Two keys are live; revoke one first"),
                    code="too_many_keys",
                )
            repository.insert_key(tx, key)
            body = {"provider": sender.provider_id, "sender": sender_id, "hint": key.hint}
            record(tx, key.created_at, AuditKind.KEY_ISSUED, actor, key.id, **body)
            return IssuedKey(key.id, sender_id, key.hint, raw)

        return await self._writer.change(work)

    async def revoke_key(self, actor: Actor, key_id: str) -> None:
        """Revoke a key everywhere within a second; a second time changes nothing."""

        def work(tx: Tx) -> None:
            key = repository.key_by_id(tx, key_id)
            if key is None:
                raise NotFound(Words("没有这个密钥", "No such key"))
            if key.revoked_at is None:
                self._revoke(tx, actor, key)

        await self._writer.change(work)

    async def revoke_sender(self, actor: Actor, sender_id: str) -> None:
        """Revoke a sender with all its keys; a second time changes nothing."""

        def work(tx: Tx) -> None:
            sender = repository.sender_by_id(tx, sender_id)
            if sender is None:
                raise NotFound(Words("没有这个发送方", "No such sender"))
            if sender.revoked_at is not None:
                return
            for key in repository.live_keys(tx, sender_id):
                self._revoke(tx, actor, key)
            now = self._writer.now()
            repository.revoke_sender(tx, sender_id, now)
            body = {"provider": sender.provider_id, "revoked": True}
            record(tx, now, AuditKind.SENDER_CHANGED, actor, sender_id, **body)

        await self._writer.change(work)

    def _revoke(self, tx: Tx, actor: Actor, key: SenderKey) -> None:
        now = self._writer.now()
        repository.revoke_key(tx, key.id, now)
        body = {"sender": key.sender_id, "hint": key.hint}
        record(tx, now, AuditKind.KEY_REVOKED, actor, key.id, **body)


def _live_sender(tx: Tx, sender_id: str) -> Sender:
    sender = repository.sender_by_id(tx, sender_id)
    if sender is None:
        raise NotFound(Words("没有这个发送方", "No such sender"))
    if sender.revoked_at is not None:
        raise Conflict(Words("发送方已被吊销", "The sender is revoked"), code="sender_revoked")
    return sender


def _sender_body(sender: Sender) -> dict[str, object]:
    return {
        "provider": sender.provider_id,
        "name": sender.name,
        "holder": sender.holder,
        "holder_staff": sender.holder_staff_id,
        "scopes": sorted(scope.value for scope in sender.scopes),
    }
