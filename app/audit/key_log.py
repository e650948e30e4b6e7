"""Puts every signing key into the ledger: when it was made, and which one it replaced."""

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.audit.repository import subjects_of
from app.clock import Clock
from app.db.session import Database, Tx
from app.signing.keyring import Keyring
from app.signing.keys import PublicKey

_KINDS = (AuditKind.SIGNING_KEY_MADE, AuditKind.SIGNING_KEY_ROTATED)


async def log_keys(db: Database, keyring: Keyring, clock: Clock, actor: Actor) -> int:
    """Record the keys that the ledger does not know yet and return how many that were.

    Call it at start and after a rotation: a key made in a moment when the database was gone is
    then recorded later.
    """
    keys = keyring.public_keys()

    def work(tx: Tx) -> int:
        known = subjects_of(tx, _KINDS)
        fresh = [key for key in keys if key.key_id not in known]
        for key in fresh:
            _record(tx, clock, actor, key, _before(key, keys))
        return len(fresh)

    return await db.write(work)


def _before(key: PublicKey, keys: tuple[PublicKey, ...]) -> PublicKey | None:
    older = [one for one in keys[: keys.index(key)] if one.purpose is key.purpose]
    return older[-1] if older else None


def _record(tx: Tx, clock: Clock, actor: Actor, key: PublicKey, before: PublicKey | None) -> None:
    kind = AuditKind.SIGNING_KEY_MADE if before is None else AuditKind.SIGNING_KEY_ROTATED
    shown = key.as_json()
    record(
        tx,
        clock.now(),
        kind,
        actor,
        key.key_id,
        purpose=shown["purpose"],
        public_key=shown["public_key"],
        created_at=shown["created_at"],
        replaces=None if before is None else before.key_id,
    )
