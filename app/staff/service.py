"""The people of the console: adding them, their roles, their ties, taking them out of use."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import Conflict, Forbidden, NotFound, Words
from app.fields import Fields
from app.ids import new_id
from app.staff import factor_repository, repository, session_repository
from app.staff.passwords import Passwords, one_time_password
from app.staff.repository import Credentials
from app.staff.roles import Role, StaffMember, Tie

LANGUAGES: Final = ("zh", "en")

_USERNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A person to add; `username` is what they sign in with, in lower case."""

    username: str
    name: str
    roles: frozenset[str]
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """A password shown this once, which has to be changed at the next sign-in."""

    staff_id: str
    username: str
    password: str = field(repr=False)


class Staff:
    """Commands on people; each raises Invalid, NotFound, Forbidden or Conflict.

    Nobody changes their own roles or takes themselves out of use, and one enabled admin is
    always left.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        passwords: Passwords,
        holds_key: Callable[[Tx, str, str], bool],
    ) -> None:
        """`holds_key(tx, staff_id, provider_id)` asks the register, which is no part of this."""
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._holds_key = holds_key

    async def everybody(self) -> list[StaffMember]:
        """Return every person, by sign-in name."""
        return await self._db.read(repository.all_staff)

    async def names(self) -> dict[str, str]:
        """Return every person's name by id."""
        return await self._db.read(repository.names)

    async def ties(self, staff_id: str) -> list[Tie]:
        """Return a person's declared ties, ended ones included."""
        return await self._db.read(lambda tx: repository.ties(tx, staff_id))

    async def has_unused_one_time_password(self) -> bool:
        """Tell whether somebody has yet to change a one-time password: production waits for it."""
        return await self._db.read(repository.has_unused_one_time_password)

    async def is_tied(self, staff_id: str, provider_id: str) -> bool:
        """Tell whether a person may not rule on this provider."""
        return await self._db.read(lambda tx: self.is_tied_in(tx, staff_id, provider_id))

    def is_tied_in(self, tx: Tx, staff_id: str, provider_id: str) -> bool:
        """Tell the same inside a transaction: by a declared tie, or as holder of a sender's key."""
        return repository.has_tie(tx, staff_id, provider_id) or self._holds_key(
            tx, staff_id, provider_id
        )

    def untied_leads(self, tx: Tx, provider_id: str) -> frozenset[str]:
        """Return the leads who are enabled and may rule on this provider."""
        return frozenset(
            member.id
            for member in repository.all_staff(tx)
            if Role.LEAD in member.roles
            and member.disabled_at is None
            and not self.is_tied_in(tx, member.id, provider_id)
        )

    async def add(self, actor: Actor, new: NewStaff) -> OneTimePassword:
        """Add a person with a generated one-time password; Conflict `username_taken`."""
        fields = Fields()
        username = new.username.strip().lower()
        if not _USERNAME.fullmatch(username):
            fields.add(
                "/username",
                "bad_username",
                "1 至 32 个小写字母、数字、点、连字符或下划线，首尾为字母或数字",
                "1 to 32 letters, digits, dots, hyphens or underscores, "
                "a letter or digit at both ends",
            )
        member = StaffMember(
            id=new_id("stf"),
            username=username,
            name=fields.text("/name", new.name, 100),
            roles=_roles(fields, new.roles),
            language=fields.choice("/language", new.language, LANGUAGES),
            must_change_password=True,
            created_at=self._clock.now(),
            disabled_at=None,
        )
        fields.finish()
        password = one_time_password()
        credentials = Credentials(member, await self._passwords.hash(password))

        def work(tx: Tx) -> OneTimePassword:
            repository.insert_staff(tx, credentials)
            body = {"username": username, "name": member.name, "roles": sorted(member.roles)}
            record(tx, member.created_at, AuditKind.STAFF_ADDED, actor, member.id, **body)
            return OneTimePassword(member.id, username, password)

        return await self._db.write(work)

    async def set_roles(self, actor: Actor, staff_id: str, roles: Iterable[str]) -> None:
        """Give a person exactly these roles; they count from the next request on."""
        _not_oneself(actor, staff_id)
        fields = Fields()
        clean = _roles(fields, roles)
        fields.finish()

        def work(tx: Tx) -> None:
            people = repository.lock_everybody(tx)
            member = _one(people, staff_id)
            _keep_an_admin(people, replace(member, roles=clean))
            values = {"roles": sorted(role.value for role in clean)}
            repository.update_staff(tx, staff_id, values)
            body = {"roles_before": sorted(member.roles), "roles": sorted(clean)}
            record(tx, self._clock.now(), AuditKind.STAFF_CHANGED, actor, staff_id, **body)

        await self._db.write(work)

    async def disable(self, actor: Actor, staff_id: str) -> None:
        """Take a person out of use and end their sessions."""
        _not_oneself(actor, staff_id)

        def work(tx: Tx) -> None:
            people = repository.lock_everybody(tx)
            now = self._clock.now()
            gone = replace(_one(people, staff_id), disabled_at=now)
            _keep_an_admin(people, gone)
            repository.update_staff(tx, staff_id, {"disabled_at": now})
            ended = session_repository.delete_sessions_of(tx, staff_id)
            body = {"disabled": True, "sessions_ended": ended}
            record(tx, now, AuditKind.STAFF_CHANGED, actor, staff_id, **body)

        await self._db.write(work)

    async def enable(self, actor: Actor, staff_id: str) -> None:
        """Let a disabled person sign in again."""
        await self._change(actor, staff_id, {"disabled_at": None}, disabled=False)

    async def set_language(self, actor: Actor, staff_id: str, language: str) -> None:
        """Choose the console's language for a person."""
        fields = Fields()
        clean = fields.choice("/language", language, LANGUAGES)
        fields.finish()
        await self._change(actor, staff_id, {"language": clean}, language=clean)

    async def reset_password(self, actor: Actor, staff_id: str) -> OneTimePassword:
        """Give a person a new one-time password and end their sessions."""
        _not_oneself(actor, staff_id)
        password = one_time_password()
        hashed = await self._passwords.hash(password)

        def work(tx: Tx) -> OneTimePassword:
            member = _one(repository.lock_everybody(tx), staff_id)
            values = {"password_hash": hashed, "password_is_one_time": True}
            repository.update_staff(tx, staff_id, values)
            body = {
                "reset": True,
                "sessions_ended": session_repository.delete_sessions_of(tx, staff_id),
            }
            record(tx, self._clock.now(), AuditKind.PASSWORD_CHANGED, actor, staff_id, **body)
            return OneTimePassword(staff_id, member.username, password)

        return await self._db.write(work)

    async def reset_second_factor(self, actor: Actor, staff_id: str) -> None:
        """Take away a lost second factor and end the person's sessions; nobody's own.

        Conflict `no_second_factor` where there is none.
        """
        _not_oneself(actor, staff_id)

        def work(tx: Tx) -> None:
            member = _one(repository.lock_everybody(tx), staff_id)
            if member.factor_since is None:
                raise Conflict(
                    Words("此人没有启用两步验证", "This person has no second factor"),
                    code="no_second_factor",
                )
            factor_repository.remove_factor(tx, staff_id)
            ended = session_repository.delete_sessions_of(tx, staff_id)
            body = {"by": "reset", "sessions_ended": ended}
            record(tx, self._clock.now(), AuditKind.SECOND_FACTOR_REMOVED, actor, staff_id, **body)

        await self._db.write(work)

    async def declare_tie(self, actor: Actor, staff_id: str, provider_id: str, reason: str) -> None:
        """Note that a person has an interest in a provider; anyone may declare their own."""
        fields = Fields()
        why = fields.text("/reason", reason, 500, lines=True)
        fields.finish()

        def work(tx: Tx) -> None:
            _one(repository.lock_everybody(tx), staff_id)
            now = self._clock.now()
            repository.put_tie(tx, Tie(staff_id, provider_id, why, now, None))
            body = {"tied_to": provider_id, "reason": why}
            record(tx, now, AuditKind.STAFF_CHANGED, actor, staff_id, **body)

        await self._db.write(work)

    async def end_tie(self, actor: Actor, staff_id: str, provider_id: str) -> None:
        """End a tie, which nobody does for themselves; a second time changes nothing."""
        _not_oneself(actor, staff_id)

        def work(tx: Tx) -> None:
            standing = {tie.provider_id: tie for tie in repository.ties(tx, staff_id)}
            tie = standing.get(provider_id)
            if tie is None:
                raise NotFound(Words("没有这项利益关联", "No such tie"))
            if tie.ended_at is not None:
                return
            now = self._clock.now()
            repository.put_tie(tx, replace(tie, ended_at=now))
            body = {"tie_ended": provider_id}
            record(tx, now, AuditKind.STAFF_CHANGED, actor, staff_id, **body)

        await self._db.write(work)

    async def _change(
        self, actor: Actor, staff_id: str, values: dict[str, object], **body: object
    ) -> None:
        def work(tx: Tx) -> None:
            _one(repository.lock_everybody(tx), staff_id)
            repository.update_staff(tx, staff_id, values)
            record(tx, self._clock.now(), AuditKind.STAFF_CHANGED, actor, staff_id, **body)

        await self._db.write(work)


def _roles(fields: Fields, roles: Iterable[str]) -> frozenset[Role]:
    given = fields.choices("/roles", roles, Role)
    if not given:
        fields.add("/roles", "required", "至少一个角色", "at least one role")
    return frozenset(Role(role) for role in given if role in set(Role))


def _one(people: dict[str, StaffMember], staff_id: str) -> StaffMember:
    if staff_id not in people:
        raise NotFound(Words("没有这位人员", "No such staff member"))
    return people[staff_id]


def _not_oneself(actor: Actor, staff_id: str) -> None:
    if actor == Actor(ActorKind.STAFF, staff_id):
        raise Forbidden(Words("不能对自己执行此操作", "Nobody does this to themselves"))


def _keep_an_admin(people: dict[str, StaffMember], changed: StaffMember) -> None:
    """Refuse the change if it took away the last admin who can act."""
    was_one = people[changed.id].is_acting_admin
    after = (people | {changed.id: changed}).values()
    if was_one and not any(member.is_acting_admin for member in after):
        raise Conflict(
            Words("必须至少保留一名在用的管理员", "One enabled admin has to remain"),
            code="last_admin",
        )
