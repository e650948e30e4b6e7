"""What an admin does to the register of advertisers: check, change, strike, note approvals."""

from dataclasses import dataclass
from datetime import date

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.domain.registers import AdClass, Approval
from app.errors import Conflict, NotFound, Words
from app.fields import Fields
from app.ids import new_id
from app.providers import paper_repository
from app.providers.enrolment import clean_credit_code
from app.providers.filed import Advertiser, RegisteredApproval
from app.providers.writer import RegisterWriter


@dataclass(frozen=True, slots=True)
class AdvertiserDetails:
    """What was checked of an advertiser; the check counts from and to a day, both included."""

    name: str
    address: str
    contact: str
    documents: str
    checked_on: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class NewApproval:
    """An approval or qualification to register; `ad_class` is one of AdClass."""

    ad_class: str
    number: str
    valid_to: date


class Advertisers:
    """Commands on advertisers; each raises Invalid with every bad field, NotFound or Conflict."""

    def __init__(self, writer: RegisterWriter) -> None:
        """`writer` is the register's: who may advertise is part of it."""
        self._writer = writer

    async def add(self, actor: Actor, credit_code: str, details: AdvertiserDetails) -> str:
        """Register an advertiser and return its id; Conflict if its credit code is taken."""
        fields = Fields()
        code = clean_credit_code(fields, credit_code)
        clean = _clean(fields, details)
        fields.finish()
        entry = Advertiser(
            id=new_id("adv"),
            name=clean.name,
            credit_code=code,
            address=clean.address,
            contact=clean.contact,
            documents=clean.documents,
            checked_on=clean.checked_on,
            valid_to=clean.valid_to,
            approvals=(),
            created_at=self._writer.now(),
            struck_at=None,
        )

        def work(tx: Tx) -> str:
            if paper_repository.advertiser_by_code(tx, code) is not None:
                raise Conflict(
                    Words("该统一社会信用代码已登记", "This credit code is registered already"),
                    code="credit_code_taken",
                )
            paper_repository.insert_advertiser(tx, entry)
            body = _body(clean) | {"credit_code": code}
            record(tx, entry.created_at, AuditKind.ADVERTISER_ADDED, actor, entry.id, **body)
            return entry.id

        return await self._writer.change(work)

    async def change(self, actor: Actor, advertiser_id: str, details: AdvertiserDetails) -> None:
        """Replace what was checked; one that was struck off counts again."""
        fields = Fields()
        clean = _clean(fields, details)
        fields.finish()
        values = {name: getattr(clean, name) for name in clean.__slots__}

        def work(tx: Tx) -> None:
            _must_exist(tx, advertiser_id)
            paper_repository.update_advertiser(tx, advertiser_id, values | {"struck_at": None})
            now = self._writer.now()
            record(tx, now, AuditKind.ADVERTISER_CHANGED, actor, advertiser_id, **_body(clean))

        await self._writer.change(work)

    async def strike(self, actor: Actor, advertiser_id: str, reason: str) -> None:
        """Strike an advertiser off: its advertisements wait for a person; twice changes nothing."""
        why = _reason(reason)

        def work(tx: Tx) -> None:
            if _must_exist(tx, advertiser_id).struck_at is not None:
                return
            now = self._writer.now()
            paper_repository.update_advertiser(tx, advertiser_id, {"struck_at": now})
            body = {"struck": True, "reason": why}
            record(tx, now, AuditKind.ADVERTISER_CHANGED, actor, advertiser_id, **body)

        await self._writer.change(work)

    async def add_approval(self, actor: Actor, advertiser_id: str, new: NewApproval) -> str:
        """Register an approval or qualification of an advertiser and return its id."""
        fields = Fields()
        kind = fields.choice("/ad_class", new.ad_class, AdClass)
        number = fields.text("/number", new.number, 100)
        fields.finish()
        approval = Approval(AdClass(kind), number, new.valid_to)
        entry = RegisteredApproval(new_id("apv"), advertiser_id, approval, self._writer.now(), None)

        def work(tx: Tx) -> str:
            _must_exist(tx, advertiser_id)
            paper_repository.insert_approval(tx, entry)
            body = {"ad_class": kind, "number": number, "valid_to": new.valid_to.isoformat()}
            body |= {"advertiser": advertiser_id}
            record(tx, entry.created_at, AuditKind.APPROVAL_ADDED, actor, entry.id, **body)
            return entry.id

        return await self._writer.change(work)

    async def revoke_approval(self, actor: Actor, approval_id: str, reason: str) -> None:
        """Make an approval count no longer; a second time changes nothing."""
        why = _reason(reason)

        def work(tx: Tx) -> None:
            entry = paper_repository.approval_by_id(tx, approval_id)
            if entry is None:
                raise NotFound(Words("没有这份批准", "No such approval"))
            if entry.revoked_at is not None:
                return
            now = self._writer.now()
            paper_repository.revoke_approval(tx, approval_id, now)
            body = {"advertiser": entry.advertiser_id, "reason": why}
            record(tx, now, AuditKind.APPROVAL_REVOKED, actor, approval_id, **body)

        await self._writer.change(work)


def _clean(fields: Fields, details: AdvertiserDetails) -> AdvertiserDetails:
    if details.valid_to < details.checked_on:
        zh, en = "不得早于核验日", "must not be before checked_on"
        fields.add("/valid_to", "before_start", zh, en)
    return AdvertiserDetails(
        name=fields.text("/name", details.name, 200),
        address=fields.text("/address", details.address, 200),
        contact=fields.text("/contact", details.contact, 200),
        documents=fields.text("/documents", details.documents, 1000, lines=True),
        checked_on=details.checked_on,
        valid_to=details.valid_to,
    )


def _body(details: AdvertiserDetails) -> dict[str, object]:
    return {
        "name": details.name,
        "address": details.address,
        "contact": details.contact,
        "documents": details.documents,
        "checked_on": details.checked_on.isoformat(),
        "valid_to": details.valid_to.isoformat(),
    }


def _must_exist(tx: Tx, advertiser_id: str) -> Advertiser:
    found = paper_repository.advertiser_by_id(tx, advertiser_id)
    if found is None:
        raise NotFound(Words("没有这个广告主", "No such advertiser"))
    return found


def _reason(reason: str) -> str:
    fields = Fields()
    clean = fields.text("/reason", reason, 500, lines=True)
    fields.finish()
    return clean
