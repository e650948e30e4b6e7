"""Signing in and out, sessions, and changing one's password."""

import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import FieldProblem, Invalid, TooManyRequests, Words
from app.fields import Fields
from app.ids import new_id
from app.settings import Settings
from app.staff import repository, session_repository
from app.staff.counting import Refusal, counted_address, record_failure, seconds_before
from app.staff.passwords import LONGEST, Passwords, check_new_password
from app.staff.repository import Attempt, Credentials
from app.staff.roles import Session, StaffMember

HALF: Final = timedelta(minutes=10)
"""How long somebody whose password was right has for the code of the second factor."""

_SEEN_EVERY: Final = timedelta(minutes=1)
_TOKEN_LIMIT: Final = 100
_AGENT_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; `token` goes into the cookie and is stored nowhere."""

    session: Session
    token: str = field(repr=False)


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
        """Take from `settings` how long a session lasts, and how long one that nobody uses."""
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._length = timedelta(hours=settings.session_hours)
        self._idle = timedelta(minutes=settings.session_idle_minutes)

    async def sign_in(
        self, username: str, password: str, address: str, agent: str = ""
    ) -> SignedIn | NotSignedIn:
        """Check a password; `address` is where the request came from, `agent` what sent it.

        Who has a second factor gets a session that is not whole: it lasts until the code was
        given, and ten minutes at most. Failures slow down both the name and the address. An
        unknown name takes the same work.
        """
        trial = await self._try(username, address)
        if isinstance(trial, NotSignedIn):
            return trial
        stored = None if trial.known is None else trial.known.password_hash
        fits = await self._passwords.verify(password[: LONGEST + 1], stored)

        def work(tx: Tx) -> SignedIn | NotSignedIn:
            now = self._clock.now()
            known = trial.known and repository.credentials_by_id(tx, trial.known.staff.id)
            unchanged = known is not None and known.password_hash == stored
            if known is None or not fits or not unchanged or known.staff.disabled_at is not None:
                record_failure(tx, now, trial.attempt, _person(known), Refusal.WRONG)
                return NotSignedIn(Refusal.WRONG)
            repository.mark_succeeded(tx, trial.attempt.id)
            session_repository.delete_expired_sessions(tx, now)
            half = known.staff.factor_since is not None
            done = new_session(
                known.staff, now, HALF if half else self._length, trial.attempt.address, agent
            )
            session_repository.insert_session(tx, done.session)
            kind = AuditKind.SECOND_FACTOR_ASKED if half else AuditKind.SIGN_IN
            who = Actor(ActorKind.STAFF, known.staff.id)
            record(tx, now, kind, who, known.staff.id, address=trial.attempt.address)
            return done

        return await self._db.write(work)

    async def session(self, token: str, *, unattended: bool = False) -> Session | None:
        """Return the live session behind a cookie, with the person's roles as they are now.

        `unattended` requests, which a page makes by itself, keep no session alive.
        """
        if not token or len(token) > _TOKEN_LIMIT:
            return None
        hashed = token_hash(token)
        session = await self._db.read(lambda tx: session_repository.session_by_hash(tx, hashed))
        now = self._clock.now()
        if session is None or not is_live(session, now, self._idle):
            return None
        if not unattended and now - session.last_seen_at >= _SEEN_EVERY:
            await self._db.write(lambda tx: session_repository.touch_session(tx, hashed, now))
            session = replace(session, last_seen_at=now)
        return session

    async def sign_out(self, session: Session) -> None:
        """End a session; a second time changes nothing."""

        def work(tx: Tx) -> None:
            if session_repository.delete_session(tx, session.token_hash):
                who = Actor(ActorKind.STAFF, session.staff.id)
                record(tx, self._clock.now(), AuditKind.SIGN_OUT, who, session.staff.id)

        await self._db.write(work)

    async def sessions(self, staff_id: str) -> list[Session]:
        """Return a person's live sessions, the one used last first."""
        found = await self._db.read(lambda tx: session_repository.sessions_of(tx, staff_id))
        now = self._clock.now()
        return [one for one in found if is_live(one, now, self._idle)]

    async def end_session(self, session: Session, session_id: str) -> bool:
        """End another session of the same person; False if it had ended before."""
        member = session.staff

        def work(tx: Tx) -> bool:
            found = session_repository.sessions_of(tx, member.id)
            ended = [one for one in found if one.id == session_id]
            if not any(session_repository.delete_session(tx, one.token_hash) for one in ended):
                return False
            who, body = Actor(ActorKind.STAFF, member.id), {"sessions_ended": 1}
            record(tx, self._clock.now(), AuditKind.SIGN_OUT, who, member.id, **body)
            return True

        return await self._db.write(work)

    async def end_sessions(self, session: Session, *, keep_this: bool) -> int:
        """End all of a person's sessions, or all but this one; return how many ended."""
        member, kept = session.staff, session.token_hash if keep_this else None

        def work(tx: Tx) -> int:
            ended = session_repository.delete_sessions_of(tx, member.id, keep=kept)
            if ended:
                who, body = Actor(ActorKind.STAFF, member.id), {"sessions_ended": ended}
                record(tx, self._clock.now(), AuditKind.SIGN_OUT, who, member.id, **body)
            return ended

        return await self._db.write(work)

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
                record_failure(tx, now, trial.attempt, member, Refusal.WRONG)
                return False
            repository.mark_succeeded(tx, trial.attempt.id)
            values = {"password_hash": hashed, "password_is_one_time": False}
            repository.update_staff(tx, member.id, values)
            ended = session_repository.delete_sessions_of(tx, member.id, keep=session.token_hash)
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
            attempt = Attempt(new_id("att"), shown, counted_address(address), now, succeeded=False)
            wait = seconds_before(tx, attempt, now)
            if wait > 0:
                record_failure(tx, now, attempt, _person(known), Refusal.THROTTLED)
                return NotSignedIn(Refusal.THROTTLED, wait)
            repository.insert_attempt(tx, attempt)
            return _Trial(attempt, known)

        return await self._db.write(work)


def token_hash(token: str) -> str:
    """Return the SHA-256 of a session's token, hex."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_session(
    member: StaffMember,
    now: datetime,
    length: timedelta,
    address: str,
    agent: str,
    *,
    proven: bool = False,
) -> SignedIn:
    """Return a session that begins now, not yet stored; `proven` by the second factor."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session = Session(
        token_hash(token), csrf, member, now, now, now + length,
        now if proven else None, address, agent[:_AGENT_LIMIT],
    )  # fmt: skip
    return SignedIn(session, token)


def is_live(session: Session, now: datetime, idle: timedelta) -> bool:
    """Tell whether a session goes on: in use, in time, its person not taken out of use."""
    in_use = now - session.last_seen_at < idle and now < session.expires_at
    return in_use and session.staff.disabled_at is None


def _person(known: Credentials | None) -> StaffMember | None:
    return None if known is None else known.staff


def _check_change(current: str, new: str, username: str) -> None:
    fields = Fields()
    check_new_password(fields, "/new", new, username)
    if new == current:
        fields.add("/new", "password_same", "须与原密码不同", "must differ from the old one")
    fields.finish()


def _is_storable(name: str) -> bool:
    return name.isascii() and name.isprintable()


def _digest(name: str) -> str:
    # People type passwords into the name's field: an unknown name is not written down.
    return "?" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
