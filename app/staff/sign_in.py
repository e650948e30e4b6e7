"""Signing in and out, sessions, and changing one's password."""

import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from app.audit.events import ANONYMOUS, Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import FieldProblem, Invalid, TooManyRequests, Words
from app.fields import Fields
from app.ids import new_id
from app.ratelimit import address_key
from app.settings import Settings
from app.staff import repository
from app.staff.passwords import LONGEST, Passwords, check_new_password
from app.staff.repository import Attempt, Credentials
from app.staff.roles import Session
from app.staff.throttle import LOOK_BACK, MOST_ATTEMPTS, seconds_to_wait

IDLE: Final = timedelta(hours=2)
"""A session that nobody used for so long has ended."""

FAMILIAR: Final = timedelta(days=30)
"""How long an address stays one where somebody is known to work."""

_SEEN_EVERY: Final = timedelta(minutes=1)
_TOKEN_LIMIT: Final = 100
_ADDRESS_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; `token` goes into the cookie and is stored nowhere."""

    session: Session
    token: str = field(repr=False)


class Refusal(StrEnum):
    """Why somebody was not let in; an unknown, disabled or mistyped name looks the same."""

    WRONG = "wrong"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """A recorded refusal; `retry_after` in seconds, 0 unless throttled."""

    refusal: Refusal
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class _Trial:
    """An attempt that may go on to the password; it counts as failed until it succeeds."""

    attempt: Attempt
    known: Credentials | None


class SignIn:
    """Passwords in, sessions out; every attempt is throttled and recorded."""

    def __init__(
        self, db: Database, clock: Clock, passwords: Passwords, settings: Settings
    ) -> None:
        """`settings.session_hours` is how long a session can last."""
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._length = timedelta(hours=settings.session_hours)

    async def sign_in(self, username: str, password: str, address: str) -> SignedIn | NotSignedIn:
        """Check a password; `address` is where the request came from.

        Failures slow down both the name and the address. An unknown name takes the same work.
        """
        trial = await self._try(username, address)
        if isinstance(trial, NotSignedIn):
            return trial
        stored = None if trial.known is None else trial.known.password_hash
        fits = await self._passwords.verify(password[: LONGEST + 1], stored)
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)

        def work(tx: Tx) -> SignedIn | NotSignedIn:
            now = self._clock.now()
            known = trial.known and repository.credentials_by_id(tx, trial.known.staff.id)
            unchanged = known is not None and known.password_hash == stored
            if known is None or not fits or not unchanged or known.staff.disabled_at is not None:
                _record_failure(tx, now, trial.attempt, known)
                return NotSignedIn(Refusal.WRONG)
            repository.mark_succeeded(tx, trial.attempt.id)
            repository.delete_expired_sessions(tx, now)
            session = Session(token_hash(token), csrf, known.staff, now, now, now + self._length)
            repository.insert_session(tx, session)
            who = Actor(ActorKind.STAFF, known.staff.id)
            body = {"address": trial.attempt.address}
            record(tx, now, AuditKind.SIGN_IN, who, known.staff.id, **body)
            return SignedIn(session, token)

        return await self._db.write(work)

    async def session(self, token: str) -> Session | None:
        """Return the live session behind a cookie, with the person's roles as they are now."""
        if not token or len(token) > _TOKEN_LIMIT:
            return None
        hashed = token_hash(token)
        session = await self._db.read(lambda tx: repository.session_by_hash(tx, hashed))
        now = self._clock.now()
        if session is None or not _is_live(session, now):
            return None
        if now - session.last_seen_at >= _SEEN_EVERY:
            await self._db.write(lambda tx: repository.touch_session(tx, hashed, now))
            session = replace(session, last_seen_at=now)
        return session

    async def sign_out(self, session: Session) -> None:
        """End a session; a second time changes nothing."""

        def work(tx: Tx) -> None:
            if repository.delete_session(tx, session.token_hash):
                who = Actor(ActorKind.STAFF, session.staff.id)
                record(tx, self._clock.now(), AuditKind.SIGN_OUT, who, session.staff.id)

        await self._db.write(work)

    async def change_password(self, session: Session, current: str, new: str, address: str) -> None:
        """Replace one's own password and end one's other sessions.

        Raises Invalid for a wrong current or too weak new password, TooManyRequests after too
        many wrong ones.
        """
        member = session.staff
        _check_change(current, new, member.username)
        trial = await self._try(member.username, address)
        if isinstance(trial, NotSignedIn):
            raise TooManyRequests(retry_after=trial.retry_after)
        stored = None if trial.known is None else trial.known.password_hash
        fits = await self._passwords.verify(current[: LONGEST + 1], stored)
        hashed = await self._passwords.hash(new) if fits else ""

        def work(tx: Tx) -> bool:
            now = self._clock.now()
            known = repository.credentials_by_id(tx, member.id)
            if not fits or known is None or known.password_hash != stored:
                _record_failure(tx, now, trial.attempt, known)
                return False
            repository.mark_succeeded(tx, trial.attempt.id)
            values = {"password_hash": hashed, "password_is_one_time": False}
            repository.update_staff(tx, member.id, values)
            ended = repository.delete_sessions_of(tx, member.id, keep=session.token_hash)
            who, body = Actor(ActorKind.STAFF, member.id), {"sessions_ended": ended}
            record(tx, now, AuditKind.PASSWORD_CHANGED, who, member.id, **body)
            return True

        if not await self._db.write(work):
            words = Words("原密码不正确", "The current password is wrong")
            raise Invalid(problems=(FieldProblem("/current", "wrong_password", words),))

    async def _try(self, username: str, address: str) -> _Trial | NotSignedIn:
        """Count an attempt before the password is looked at, so that many at once count too."""
        name = unicodedata.normalize("NFKC", username).strip().lower()

        def work(tx: Tx) -> _Trial | NotSignedIn:
            now = self._clock.now()
            known = repository.credentials_by_name(tx, name) if _is_storable(name) else None
            shown = name if known is not None else _digest(name)
            attempt = Attempt(new_id("att"), shown, _counted(address), now, succeeded=False)
            wait = seconds_to_wait(*_counting(tx, attempt, now), now)
            if wait > 0:
                _record_failure(tx, now, attempt, known, Refusal.THROTTLED)
                return NotSignedIn(Refusal.THROTTLED, wait)
            repository.insert_attempt(tx, attempt)
            return _Trial(attempt, known)

        return await self._db.write(work)


def token_hash(token: str) -> str:
    """Return the SHA-256 of a session's token, hex."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _check_change(current: str, new: str, username: str) -> None:
    fields = Fields()
    check_new_password(fields, "/new", new, username)
    if new == current:
        fields.add("/new", "password_same", "须与原密码不同", "must differ from the old one")
    fields.finish()


def _counting(tx: Tx, attempt: Attempt, now: datetime) -> tuple[list[Attempt], list[Attempt]]:
    """Return the attempts that count against the name, and those against the address.

    Where the name was signed in lately only its own failures from there count: nobody elsewhere,
    and no neighbour behind the same address, can keep people out of where they work.
    """
    by_name = _latest(tx, "username", attempt, now)
    if repository.has_succeeded_from(tx, attempt.username, attempt.address, now - FAMILIAR):
        return [one for one in by_name if one.address == attempt.address], []
    return by_name, _latest(tx, "address", attempt, now)


def _latest(tx: Tx, column: str, attempt: Attempt, now: datetime) -> list[Attempt]:
    value = attempt.username if column == "username" else attempt.address
    return repository.attempts_by(tx, column, value, now - LOOK_BACK, MOST_ATTEMPTS)


def _record_failure(
    tx: Tx,
    now: datetime,
    attempt: Attempt,
    known: Credentials | None,
    refusal: Refusal = Refusal.WRONG,
) -> None:
    subject = attempt.username if known is None else known.staff.id
    disabled = known is not None and known.staff.disabled_at is not None
    body = {"address": attempt.address, "refusal": refusal.value, "disabled": disabled}
    record(tx, now, AuditKind.SIGN_IN_FAILED, ANONYMOUS, subject, **body)


def _is_live(session: Session, now: datetime) -> bool:
    in_use = now - session.last_seen_at < IDLE and now < session.expires_at
    return in_use and session.staff.disabled_at is None


def _is_storable(name: str) -> bool:
    return name.isascii() and name.isprintable()


def _counted(address: str) -> str:
    """Return what is counted together: of IPv6 the /64 network, which one machine can use up."""
    return address_key(address) if ":" in address else address[:_ADDRESS_LIMIT]


def _digest(name: str) -> str:
    # People type passwords into the name's field: an unknown name is not written down.
    return "?" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
