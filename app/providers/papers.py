"""What an admin files about a provider: policies, algorithms, agreements, consents; and revokes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.domain.registers import (
    Agreement,
    AgreementItem,
    AlgorithmFiling,
    AlgorithmKind,
    ConsentBasis,
    ConsentPurpose,
    ContentClass,
    Paper,
    PolicyDocument,
    PolicyKind,
)
from app.errors import Conflict, NotFound, Words
from app.fields import Fields
from app.ids import new_id
from app.providers import paper_repository, repository
from app.providers.filed import FiledPaper
from app.providers.writer import RegisterWriter

FILING_NUMBER: Final = re.compile(r"网信算备\d{21}号")
"""How the authority writes a filing number, `网信算备110108000000000000000号` for instance."""

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers for a provider's content, and what was checked of the provider itself.

    Its identity counts as checked to `verified_until`, that day included, None if it was not.
    """

    content_head: str
    chief_editor: str
    verified_until: date | None
    content_classes: tuple[str, ...]


class Papers:
    """Commands on what is on file; each raises Invalid with every bad field, NotFound, Conflict."""

    def __init__(self, writer: RegisterWriter, *, plain_http: bool) -> None:
        """`plain_http` is whether addresses may use http, as in the demo mode."""
        self._writer = writer
        self._plain_http = plain_http

    async def file(self, actor: Actor, provider_id: str, paper: Paper) -> str:
        """File a paper of a provider and return its id; Conflict for a consent reference taken."""
        fields = Fields()
        clean = self._clean(fields, paper)
        fields.finish()
        entry = FiledPaper(new_id("ppr"), provider_id, clean, self._writer.now(), None)

        def work(tx: Tx) -> str:
            _must_exist(tx, provider_id)
            if isinstance(clean, ConsentBasis):
                _must_be_free(tx, provider_id, clean.reference)
            paper_repository.insert_paper(tx, entry)
            body = {"provider": provider_id, "paper": paper_repository.paper_kind(clean)}
            more = paper_repository.paper_body(clean)
            record(tx, entry.created_at, AuditKind.PAPER_FILED, actor, entry.id, **body, body=more)
            return entry.id

        return await self._writer.change(work)

    async def revoke(self, actor: Actor, paper_id: str, reason: str) -> None:
        """Make a paper count no longer; a second time changes nothing."""
        fields = Fields()
        why = fields.text("/reason", reason, 500, lines=True)
        fields.finish()

        def work(tx: Tx) -> None:
            entry = paper_repository.paper_by_id(tx, paper_id)
            if entry is None:
                raise NotFound(Words("没有这份材料", "No such paper"))
            if entry.revoked_at is not None:
                return
            now = self._writer.now()
            paper_repository.revoke_paper(tx, paper_id, now)
            body = {"provider": entry.provider_id, "reason": why}
            record(tx, now, AuditKind.PAPER_REVOKED, actor, paper_id, **body)

        await self._writer.change(work)

    async def change_responsibility(
        self, actor: Actor, provider_id: str, wanted: Responsibility
    ) -> None:
        """Replace who answers for a provider, its verification and its classes of content."""
        fields = Fields()
        verified = wanted.verified_until
        values: dict[str, object] = {
            "content_head": fields.text("/content_head", wanted.content_head, 100, optional=True),
            "chief_editor": fields.text("/chief_editor", wanted.chief_editor, 100, optional=True),
            "content_classes": list(
                fields.choices("/content_classes", wanted.content_classes, ContentClass)
            ),
        }
        fields.finish()

        def work(tx: Tx) -> None:
            _must_exist(tx, provider_id)
            repository.update_provider(tx, provider_id, values | {"verified_until": verified})
            day = None if verified is None else verified.isoformat()
            body = values | {"verified_until": day}
            now = self._writer.now()
            record(tx, now, AuditKind.PROVIDER_CHANGED, actor, provider_id, **body)

        await self._writer.change(work)

    def _clean(self, fields: Fields, paper: Paper) -> Paper:
        match paper:
            case PolicyDocument():
                return _clean_policy(fields, paper)
            case AlgorithmFiling():
                return _clean_algorithm(fields, paper, self._address)
            case Agreement():
                return _clean_agreement(fields, paper, self._address)
            case ConsentBasis():
                return _clean_consent(fields, paper)

    def _address(self, fields: Fields, pointer: str, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        return fields.web_address(pointer, value, plain_http=self._plain_http)


Address = Callable[[Fields, str, str | None], str | None]


def _clean_policy(fields: Fields, paper: PolicyDocument) -> PolicyDocument:
    fields.choice("/kind", paper.kind, PolicyKind)
    return replace(
        paper,
        version=fields.text("/version", paper.version, 40),
        owner=fields.text("/owner", paper.owner, 100),
    )


def _clean_algorithm(fields: Fields, paper: AlgorithmFiling, address: Address) -> AlgorithmFiling:
    fields.choice("/kind", paper.kind, AlgorithmKind)
    number = (paper.number or "").strip() or None
    if number is not None and not FILING_NUMBER.fullmatch(number):
        zh, en = "须写作“网信算备”加 21 位数字加“号”", "is 网信算备, 21 digits and 号"
        fields.add("/number", "bad_filing_number", zh, en)
    if number is not None and paper.filed_on is None:
        zh, en = "有备案编号须写明备案日期", "a number comes with its filing day"
        fields.add("/filed_on", "required", zh, en)
    return replace(
        paper,
        models=_names(fields, "/models", paper.models),
        number=number,
        notice_url=address(fields, "/notice_url", paper.notice_url),
    )


def _clean_agreement(fields: Fields, paper: Agreement, address: Address) -> Agreement:
    states = fields.choices("/states", paper.states, AgreementItem)
    return replace(
        paper,
        version=fields.text("/version", paper.version, 40),
        states=tuple(one for one in AgreementItem if one in states),
        url=address(fields, "/url", paper.url),
    )


def _clean_consent(fields: Fields, paper: ConsentBasis) -> ConsentBasis:
    reference = paper.reference.strip()
    if not _REFERENCE.fullmatch(reference):
        zh = "须为 1 至 64 个字母、数字或 . _ : -，以字母或数字开头"
        en = "is 1 to 64 letters, digits or . _ : - and begins with a letter or digit"
        fields.add("/reference", "bad_reference", zh, en)
    purposes = fields.choices("/purposes", paper.purposes, ConsentPurpose)
    if not purposes:
        fields.add("/purposes", "required", "至少选择一项", "choose at least one")
    if paper.valid_to < paper.valid_from:
        fields.add("/valid_to", "before_start", "不得早于起始日", "must not be before valid_from")
    return replace(
        paper,
        reference=reference,
        purposes=tuple(one for one in ConsentPurpose if one in purposes),
        fields=_names(fields, "/fields", paper.fields, optional=True),
        obtained_by=fields.text("/obtained_by", paper.obtained_by, 500, lines=True),
    )


def _names(
    fields: Fields, pointer: str, names: tuple[str, ...], *, optional: bool = False
) -> tuple[str, ...]:
    """Return the names without repetition, in the order given."""
    clean = (fields.text(f"{pointer}/{at}", name, 64) for at, name in enumerate(names))
    found = tuple(dict.fromkeys(clean))
    if not found and not optional:
        fields.add(pointer, "required", "至少填写一项", "name at least one")
    if len(found) > _MOST:
        fields.add(pointer, "too_many", f"最多 {_MOST} 项", f"at most {_MOST}")
    return found


def _must_exist(tx: Tx, provider_id: str) -> None:
    if repository.provider_by_id(tx, provider_id) is None:
        raise NotFound(Words("没有这个服务提供者", "No such provider"))


def _must_be_free(tx: Tx, provider_id: str, reference: str) -> None:
    for entry in paper_repository.standing_papers(tx, provider_id):
        if isinstance(entry.paper, ConsentBasis) and entry.paper.reference == reference:
            raise Conflict(
                Words("该同意编号已登记", "This consent reference is registered already"),
                code="reference_taken",
            )
