"""Recipients register, refuse and take refusals back, with nothing but their device secret."""

import hmac
from dataclasses import dataclass, field, replace
from typing import Protocol

from app.audit.events import ANONYMOUS, Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.push import ContentKind
from app.errors import FieldProblem, Forbidden, Invalid, NotFound, Unauthenticated, Words
from app.fields import Fields
from app.ids import is_id, new_id
from app.recipients import repository
from app.recipients.repository import Minor, Recipient, RefusalScope, StandingRefusal
from app.recipients.tokens import is_personal, is_token, new_secret, new_token, secret_hash


class Surfaces(Protocol):
    """What recipients need of the register."""

    async def is_open(self, surface_id: str) -> bool:
        """Tell whether the surface exists and is in use."""
        ...


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """A device that wants popups; None leaves a value to us, or as it was."""

    surface_id: str
    token: str | None
    time_zone: str | None
    minor: Minor | None


@dataclass(frozen=True, slots=True)
class Registered:
    """The recipient, and for a new one its device secret, shown this once."""

    recipient: Recipient
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewRefusal:
    """What is refused; surface and token, where given, must be the device secret's own."""

    scope: RefusalScope
    kind: ContentKind | None
    surface_id: str | None = None
    token: str | None = None


class Recipients:
    """What a device may do for itself; each method raises Unauthenticated for a wrong secret."""

    def __init__(self, db: Database, clock: Clock, surfaces: Surfaces) -> None:
        """`surfaces` is the register."""
        self._db = db
        self._clock = clock
        self._surfaces = surfaces

    async def register(self, new: NewRecipient, secret: str | None) -> Registered:
        """Register a recipient, or change one that is registered under this `secret`.

        Raises Invalid, NotFound for a surface that is not open, and Conflict
        `recipient_taken` for a token that belongs to another secret.
        """
        _check(new)
        if not await self._surfaces.is_open(new.surface_id):
            raise NotFound(Words("没有这个展示端", "No such surface"))
        made = Recipient(
            surface_id=new.surface_id,
            token=new_token() if new.token is None else new.token,
            time_zone=new.time_zone,
            minor=new.minor or Minor.UNKNOWN,
            created_at=self._clock.now(),
        )
        fresh = new_secret()

        def work(tx: Tx) -> Registered:
            found = repository.recipient_with_hash(tx, made.surface_id, made.token)
            if found is not None:
                return Registered(self._change(tx, found, new, secret), None)
            repository.insert_recipient(tx, made, _hash(fresh))
            body = {"surface": made.surface_id, **_body(made)}
            at = made.created_at
            record(tx, at, AuditKind.RECIPIENT_REGISTERED, ANONYMOUS, made.token, **body)
            return Registered(made, fresh)

        return await self._db.write(work)

    async def by_secret(self, secret: str) -> Recipient:
        """Return whose device secret this is."""
        hashed = _hash(secret)
        found = await self._db.read(lambda tx: repository.recipient_by_hash(tx, hashed))
        return _known(found)

    async def authenticate(self, surface_id: str, token: str, secret: str) -> bool:
        """Tell whether the secret is this recipient's."""
        try:
            found = await self.by_secret(secret)
        except Unauthenticated:
            return False
        return (found.surface_id, found.token) == (surface_id, token)

    async def refuse(self, secret: str, new: NewRefusal) -> tuple[StandingRefusal, bool]:
        """Record a refusal and return it, with False if the same one stood already.

        Raises Invalid where scope and kind do not go together, Forbidden for another's token.
        """
        if (new.scope is RefusalScope.KIND) != (new.kind is not None):
            words = Words("仅在 scope 为 kind 时填写", "Set if, and only if, scope is kind")
            raise Invalid(problems=(FieldProblem("/kind", "kind_and_scope", words),))
        hashed = _hash(secret)

        def work(tx: Tx) -> tuple[StandingRefusal, bool]:
            recipient = _known(repository.recipient_by_hash(tx, hashed, lock=True))
            _check_owner(recipient, new)
            for standing in repository.refusals_of(tx, recipient.surface_id, recipient.token):
                if (standing.scope, standing.kind) == (new.scope, new.kind):
                    return standing, False
            now = self._clock.now()
            made = StandingRefusal(
                new_id("ref"), recipient.surface_id, recipient.token, new.scope, new.kind, now
            )
            repository.insert_refusal(tx, made)
            body = {"surface": made.surface_id, "scope": made.scope, "content_kind": made.kind}
            record(tx, now, AuditKind.REFUSAL_RECORDED, _actor(recipient), made.id, **body)
            return made, True

        return await self._db.write(work)

    async def withdraw(self, secret: str, refusal_id: str) -> None:
        """Take a refusal back; a second time changes nothing. NotFound for another's."""
        hashed = _hash(secret)

        def work(tx: Tx) -> None:
            recipient = _known(repository.recipient_by_hash(tx, hashed, lock=True))
            known = is_id("ref", refusal_id) and repository.refusal_owner(tx, refusal_id)
            if known != (recipient.surface_id, recipient.token):
                raise NotFound(Words("没有这条拒收记录", "No such refusal"))
            now = self._clock.now()
            if repository.withdraw_refusal(tx, refusal_id, now):
                body = {"surface": recipient.surface_id}
                record(tx, now, AuditKind.REFUSAL_WITHDRAWN, _actor(recipient), refusal_id, **body)

        await self._db.write(work)

    async def refusals(self, secret: str) -> list[StandingRefusal]:
        """Return the standing refusals of the secret's recipient, oldest first."""
        hashed = _hash(secret)

        def work(tx: Tx) -> list[StandingRefusal]:
            recipient = _known(repository.recipient_by_hash(tx, hashed))
            return repository.refusals_of(tx, recipient.surface_id, recipient.token)

        return await self._db.read(work)

    def _change(
        self, tx: Tx, found: tuple[Recipient, str], new: NewRecipient, secret: str | None
    ) -> Recipient:
        recipient, hashed = found
        if secret is None or not hmac.compare_digest(secret_hash(secret) or "", hashed):
            raise repository.taken()
        changed = replace(
            recipient,
            time_zone=recipient.time_zone if new.time_zone is None else new.time_zone,
            minor=recipient.minor if new.minor is None else new.minor,
        )
        if changed != recipient:
            repository.update_recipient(tx, changed)
            now, body = self._clock.now(), {"surface": changed.surface_id, **_body(changed)}
            actor = _actor(changed)
            record(tx, now, AuditKind.RECIPIENT_CHANGED, actor, changed.token, **body)
        return changed


def _check(new: NewRecipient) -> None:
    fields = Fields()
    if new.token is not None and not is_token(new.token):
        fields.add(
            "/recipient",
            "bad_recipient",
            "须为 1 至 64 个字符：字母、数字或 . _ ~ : @ + = -",
            "must be 1 to 64 letters, digits or . _ ~ : @ + = -",
        )
    elif new.token is not None and is_personal(new.token):
        fields.add(
            "/recipient",
            "personal_data",
            "看起来是手机号、身份证号或邮箱；请使用无法识别个人的标识",
            "looks like a phone number, an identity card or a mail address; use a pseudonym",
        )
    if new.time_zone is not None:
        fields.time_zone("/time_zone", new.time_zone)
    fields.finish()


def _check_owner(recipient: Recipient, new: NewRefusal) -> None:
    same_surface = new.surface_id in {None, recipient.surface_id}
    if not same_surface or new.token not in {None, recipient.token}:
        words = Words("设备凭据属于另一个接收用户", "The device secret is another recipient's")
        raise Forbidden(words)


def _hash(secret: str) -> str:
    hashed = secret_hash(secret)
    if hashed is None:
        raise _stranger()
    return hashed


def _known(recipient: Recipient | None) -> Recipient:
    if recipient is None:
        raise _stranger()
    return recipient


def _stranger() -> Unauthenticated:
    return Unauthenticated(Words("设备凭据无效", "The device secret is not valid"))


def _actor(recipient: Recipient) -> Actor:
    return Actor(ActorKind.RECIPIENT, recipient.token)


def _body(recipient: Recipient) -> dict[str, object]:
    return {"time_zone": recipient.time_zone, "minor": recipient.minor.value}
