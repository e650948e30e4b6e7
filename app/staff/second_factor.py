"""The second factor: setting it up, asking for it, and what somebody may change of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import Conflict, FieldProblem, Invalid, TooManyRequests, Words
from app.ids import new_id
from app.settings import Settings
from app.signing.vault import Vault
from app.staff import factor_repository, repository, session_repository
from app.staff.codes import (
    as_typed,
    key_uri,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    secret_as_text,
)
from app.staff.counting import Refusal, counted_address, record_failure, seconds_before
from app.staff.factor_repository import Factor
from app.staff.repository import Attempt
from app.staff.roles import Session
from app.staff.sign_in import NotSignedIn, SignedIn, new_session
from app.staff.throttle import BY_CODE, CODES_LOOK_BACK

T = TypeVar("T")


class Way(StrEnum):
    """What proved that somebody holds their second factor."""

    APP = "app"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Pending:
    """A secret that is being set up, as an app takes it: scanned or typed."""

    uri: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FactorState:
    """How a person's second factor stands; `codes_left` are recovery codes."""

    since: datetime | None
    codes_left: int
    pending: Pending | None


class SecondFactors:
    """Codes by the clock and recovery codes; every attempt is throttled and recorded."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        """Read the key that seals secrets, in `settings.keys`; KeyringError if it is unsafe."""
        self._db = db
        self._clock = clock
        self._vault = Vault.load_or_create(settings.keys)
        self._length = timedelta(hours=settings.session_hours)
        self._required = settings.requires_second_factor

    async def state(self, session: Session) -> FactorState:
        """Return how the second factor of the session's person stands."""
        staff_id = session.staff.id

        def look(tx: Tx) -> tuple[int, str | None]:
            left = factor_repository.unused_recovery_codes(tx, staff_id)
            return left, session_repository.pending(tx, session.token_hash)

        left, sealed = await self._db.read(look)
        pending = None
        if sealed is not None:
            secret = self._vault.unseal(sealed, staff_id)
            pending = Pending(key_uri(secret, session.staff.username), secret_as_text(secret))
        return FactorState(session.staff.factor_since, left, pending)

    async def prove(self, session: Session, code: str, address: str) -> SignedIn | NotSignedIn:
        """Take a code of the app, or a recovery code, and begin the whole session in its place.

        Conflict where the person has no second factor any more.
        """

        def then(tx: Tx, now: datetime, way: Way) -> SignedIn:
            member = session.staff
            session_repository.delete_session(tx, session.token_hash)
            done = new_session(
                member, now, self._length, session.address, session.agent, proven=True
            )
            session_repository.insert_session(tx, done.session)
            body = {"address": session.address, "second_factor": way.value}
            record(tx, now, AuditKind.SIGN_IN, _by(session), member.id, **body)
            return done

        return await self._db.write(lambda tx: self._checked(tx, session, code, address, then))

    async def begin(self, session: Session, code: str, address: str) -> None:
        """Make a new secret for this session to set up.

        Who has a second factor gives a code of it first: raises Invalid or TooManyRequests.
        """
        staff_id = session.staff.id
        sealed = self._vault.seal(new_secret(), staff_id)

        def then(tx: Tx, _now: datetime, _way: Way | None = None) -> None:
            session_repository.set_pending(tx, session.token_hash, sealed)

        def work(tx: Tx) -> NotSignedIn | None:
            if factor_repository.factor_of(tx, staff_id) is None:
                then(tx, self._clock.now())
                return None
            return self._checked(tx, session, code, address, then)

        _raise_refused(await self._db.write(work))

    async def give_up(self, session: Session) -> None:
        """Forget the secret that this session was setting up."""
        await self._db.write(
            lambda tx: session_repository.set_pending(tx, session.token_hash, None)
        )

    async def confirm(self, session: Session, code: str) -> tuple[str, ...]:
        """Put the secret that was set up in use by a code of it; return the recovery codes.

        The person's other sessions end. Raises Invalid for a wrong code, Conflict without a
        secret to confirm.
        """
        member, codes = session.staff, new_recovery_codes()

        def work(tx: Tx) -> bool:
            repository.credentials_by_id(tx, member.id)
            sealed, now = session_repository.pending(tx, session.token_hash), self._clock.now()
            if sealed is None:
                raise Conflict(
                    Words(
                        "没有待确认的密钥，请重新开始", "There is no key to confirm; begin again"
                    ),
                    code="nothing_pending",
                )
            step = matching_step(self._vault.unseal(sealed, member.id), as_typed(code), now)
            if step is None:
                return False
            factor_repository.put_factor(tx, member.id, Factor(sealed, now, step))
            session_repository.set_pending(tx, session.token_hash, None)
            session_repository.set_proven(tx, session.token_hash, now)
            _store_codes(tx, member.id, codes)
            ended = session_repository.delete_sessions_of(tx, member.id, keep=session.token_hash)
            body = {"replaced": member.factor_since is not None, "sessions_ended": ended}
            record(tx, now, AuditKind.SECOND_FACTOR_SET, _by(session), member.id, **body)
            return True

        if not await self._db.write(work):
            raise _wrong(Refusal.WRONG)
        return codes

    async def renew_codes(self, session: Session, code: str, address: str) -> tuple[str, ...]:
        """Replace all recovery codes, for a code; raises Invalid or TooManyRequests."""
        codes = new_recovery_codes()

        def then(tx: Tx, now: datetime, _way: Way) -> None:
            _store_codes(tx, session.staff.id, codes)
            kind = AuditKind.RECOVERY_CODES_MADE
            record(tx, now, kind, _by(session), session.staff.id)

        _raise_refused(
            await self._db.write(lambda tx: self._checked(tx, session, code, address, then))
        )
        return codes

    async def turn_off(self, session: Session, code: str, address: str) -> None:
        """Sign in without a second factor from now on, for a code, where none is required.

        Raises Invalid, TooManyRequests, or Conflict where one is required.
        """
        if self._required:
            raise Conflict(
                Words("本机构要求使用两步验证", "A second factor is required here"),
                code="second_factor_required",
            )

        def then(tx: Tx, now: datetime, _way: Way) -> None:
            factor_repository.remove_factor(tx, session.staff.id)
            body = {"by": "owner"}
            kind = AuditKind.SECOND_FACTOR_REMOVED
            record(tx, now, kind, _by(session), session.staff.id, **body)

        _raise_refused(
            await self._db.write(lambda tx: self._checked(tx, session, code, address, then))
        )

    def _checked(
        self,
        tx: Tx,
        session: Session,
        code: str,
        address: str,
        then: Callable[[Tx, datetime, Way], T],
    ) -> T | NotSignedIn:
        """Count the attempt, look at the code, and only then go on; refusals are recorded."""
        member, now = session.staff, self._clock.now()
        factor = factor_repository.factor_of(tx, member.id)
        if factor is None:
            raise Conflict(
                Words("此账号没有启用两步验证", "This account has no second factor"),
                code="no_second_factor",
            )
        # A name of its own: a password that is right must not forgive wrong codes.
        name = f"code:{member.id}"
        attempt = Attempt(new_id("att"), name, counted_address(address), now, succeeded=False)
        wait = seconds_before(tx, attempt, now, BY_CODE, CODES_LOOK_BACK)
        if wait > 0:
            record_failure(tx, now, attempt, member, Refusal.THROTTLED)
            return NotSignedIn(Refusal.THROTTLED, wait)
        repository.insert_attempt(tx, attempt)
        way = self._way(tx, session, factor, as_typed(code))
        if isinstance(way, Refusal):
            record_failure(tx, now, attempt, member, way)
            return NotSignedIn(way)
        repository.mark_succeeded(tx, attempt.id)
        return then(tx, now, way)

    def _way(self, tx: Tx, session: Session, factor: Factor, code: str) -> Way | Refusal:
        """Use up a code; return what it was, or why it does not count."""
        staff_id, now = session.staff.id, self._clock.now()
        step = matching_step(self._vault.unseal(factor.sealed, staff_id), code, now)
        if step is not None:
            if step <= factor.step:
                return Refusal.USED
            factor_repository.note_step(tx, staff_id, step)
            return Way.APP
        hashed = recovery_hash(staff_id, code)
        used = factor_repository.recovery_code_was_used(tx, staff_id, hashed)
        if used is None:
            return Refusal.WRONG
        if used:
            return Refusal.USED
        factor_repository.use_recovery_code(tx, staff_id, hashed, now)
        left = factor_repository.unused_recovery_codes(tx, staff_id)
        record(tx, now, AuditKind.RECOVERY_CODE_USED, _by(session), staff_id, left=left)
        return Way.RECOVERY


def _store_codes(tx: Tx, staff_id: str, codes: tuple[str, ...]) -> None:
    hashes = [recovery_hash(staff_id, code) for code in codes]
    factor_repository.replace_recovery_codes(tx, staff_id, hashes)


def _by(session: Session) -> Actor:
    return Actor(ActorKind.STAFF, session.staff.id)


def _raise_refused(done: object) -> None:
    if isinstance(done, NotSignedIn):
        if done.refusal is Refusal.THROTTLED:
            raise TooManyRequests(
                Words(
                    f"尝试次数过多，请在 {done.retry_after} 秒后再试",
                    f"Too many attempts; try again in {done.retry_after} s",
                ),
                retry_after=done.retry_after,
            )
        raise _wrong(done.refusal)


def _wrong(refusal: Refusal) -> Invalid:
    words = (
        Words(
            "这个验证码已经用过，请等待下一个",
            "This code was used already; wait for the next one",
        )
        if refusal is Refusal.USED
        else Words("验证码不正确", "The code is wrong")
    )
    return Invalid(problems=(FieldProblem("/code", f"code_{refusal.value}", words),))
