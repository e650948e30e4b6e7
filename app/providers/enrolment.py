"""What an admin does to the register: providers, their licences, their outcome webhooks."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.domain.facts import Licence, NewsService
from app.domain.registers import LicenceKind
from app.errors import Conflict, NotFound, Words
from app.fields import Fields
from app.ids import new_id
from app.providers import repository
from app.providers.credit_code import is_credit_code
from app.providers.register import Provider, RegisteredLicence
from app.providers.writer import RegisterWriter

_DOMAINS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class NewProvider:
    """A legal person to register; recipients see `display_name`."""

    legal_name: str
    display_name: str
    credit_code: str
    link_domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """The fields of a provider that may change; the credit code is who it is."""

    legal_name: str
    display_name: str
    link_domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A webhook's address with the secret that signs it; the secret is shown this once."""

    url: str
    secret: str = field(repr=False)


class Enrolment:
    """Commands on providers; each raises Invalid with every bad field, NotFound or Conflict."""

    def __init__(self, writer: RegisterWriter, *, plain_http: bool) -> None:
        """`plain_http` is whether webhooks may use http, as in the demo mode."""
        self._writer = writer
        self._plain_http = plain_http

    async def add_provider(self, actor: Actor, new: NewProvider) -> str:
        """Register a provider and return its id; Conflict if its credit code is taken."""
        fields = Fields()
        provider = Provider(
            id=new_id("prv"),
            legal_name=fields.text("/legal_name", new.legal_name, 200),
            display_name=fields.text("/display_name", new.display_name, 100),
            credit_code=clean_credit_code(fields, new.credit_code),
            link_domains=fields.domains(
                "/link_domains", new.link_domains, _DOMAINS_LIMIT, schemes=True
            ),
            suspended=False,
            outcome_url=None,
            outcome_secret=None,
            created_at=self._writer.now(),
        )
        fields.finish()

        def work(tx: Tx) -> str:
            if repository.provider_by_code(tx, provider.credit_code) is not None:
                raise Conflict(
                    Words("该统一社会信用代码已登记", "This credit code is registered already"),
                    code="credit_code_taken",
                )
            repository.insert_provider(tx, provider)
            body = _provider_body(provider) | {"credit_code": provider.credit_code}
            at = provider.created_at
            record(tx, at, AuditKind.PROVIDER_ADDED, actor, provider.id, **body)
            return provider.id

        return await self._writer.change(work)

    async def change_provider(self, actor: Actor, provider_id: str, change: ProviderChange) -> None:
        """Replace a provider's names and domains; a new legal name has to be verified anew."""
        fields = Fields()
        values: dict[str, object] = {
            "legal_name": fields.text("/legal_name", change.legal_name, 200),
            "display_name": fields.text("/display_name", change.display_name, 100),
            "link_domains": list(
                fields.domains("/link_domains", change.link_domains, _DOMAINS_LIMIT, schemes=True)
            ),
        }
        fields.finish()

        def work(tx: Tx) -> None:
            before = _provider(tx, provider_id)
            # Another legal person under the old name's check: it is verified anew.
            renamed = before.legal_name != values["legal_name"]
            unchecked = {"verified_until": None} if renamed else {}
            repository.update_provider(tx, provider_id, values | unchecked)
            now, body = self._writer.now(), values | unchecked
            record(tx, now, AuditKind.PROVIDER_CHANGED, actor, provider_id, **body)

        await self._writer.change(work)

    async def suspend_provider(self, actor: Actor, provider_id: str, reason: str) -> None:
        """Stop a provider: its keys still read, its pushes are blocked."""
        await self._set_status(actor, provider_id, "suspended", reason)

    async def resume_provider(self, actor: Actor, provider_id: str, reason: str) -> None:
        """Let a suspended provider push again."""
        await self._set_status(actor, provider_id, "active", reason)

    async def set_outcome_webhook(self, actor: Actor, provider_id: str, url: str) -> WebhookSecret:
        """Say where outcome webhooks go and make a new secret; it replaces the former one."""
        fields = Fields()
        clean = fields.web_address("/outcome_url", url, plain_http=self._plain_http)
        fields.finish()
        webhook = WebhookSecret(clean, new_webhook_secret())

        def work(tx: Tx) -> None:
            _provider(tx, provider_id)
            values = {"outcome_url": webhook.url, "outcome_secret": webhook.secret}
            repository.update_provider(tx, provider_id, values)
            now = self._writer.now()
            record(tx, now, AuditKind.WEBHOOK_CHANGED, actor, provider_id, url=webhook.url)

        await self._writer.change(work)
        return webhook

    async def remove_outcome_webhook(self, actor: Actor, provider_id: str) -> None:
        """Send no outcome webhooks any more."""

        def work(tx: Tx) -> None:
            _provider(tx, provider_id)
            values = {"outcome_url": None, "outcome_secret": None}
            repository.update_provider(tx, provider_id, values)
            now = self._writer.now()
            record(tx, now, AuditKind.WEBHOOK_CHANGED, actor, provider_id, url=None)

        await self._writer.change(work)

    async def add_licence(self, actor: Actor, provider_id: str, licence: Licence) -> str:
        """Register a licence of a provider and return its id."""
        fields = Fields()
        entry = RegisteredLicence(
            id=new_id("lic"),
            provider_id=provider_id,
            licence=_clean_licence(fields, licence),
            created_at=self._writer.now(),
            revoked_at=None,
        )
        fields.finish()

        def work(tx: Tx) -> str:
            _provider(tx, provider_id)
            repository.insert_licence(tx, entry)
            body = _licence_body(entry)
            record(tx, entry.created_at, AuditKind.LICENCE_ADDED, actor, entry.id, **body)
            return entry.id

        return await self._writer.change(work)

    async def revoke_licence(self, actor: Actor, licence_id: str, reason: str) -> None:
        """Make a licence count no longer; a second time changes nothing."""
        why = _reason(reason)

        def work(tx: Tx) -> None:
            entry = repository.licence_by_id(tx, licence_id)
            if entry is None:
                raise NotFound(Words("没有这份许可", "No such licence"))
            if entry.revoked_at is not None:
                return
            now = self._writer.now()
            repository.revoke_licence(tx, licence_id, now)
            body = {"provider": entry.provider_id, "revoked": True, "reason": why}
            record(tx, now, AuditKind.LICENCE_CHANGED, actor, licence_id, **body)

        await self._writer.change(work)

    async def _set_status(self, actor: Actor, provider_id: str, status: str, reason: str) -> None:
        await self._set(actor, provider_id, {"status": status}, reason=_reason(reason))

    async def _set(
        self, actor: Actor, provider_id: str, values: dict[str, object], **more: object
    ) -> None:
        def work(tx: Tx) -> None:
            _provider(tx, provider_id)
            repository.update_provider(tx, provider_id, values)
            now = self._writer.now()
            record(tx, now, AuditKind.PROVIDER_CHANGED, actor, provider_id, **values, **more)

        await self._writer.change(work)


def new_webhook_secret() -> str:
    """Return a secret that signs webhooks, 256 random bits."""
    return f"whs_{secrets.token_urlsafe(32)}"


def clean_credit_code(fields: Fields, value: str) -> str:
    """Return a unified social credit code in capitals, its check digit looked at."""
    code = value.strip().upper()
    if not is_credit_code(code):
        fields.add(
            "/credit_code",
            "bad_credit_code",
            "不是有效的 18 位统一社会信用代码（校验位不符或格式有误）",
            "not a valid 18-character unified social credit code (form or check digit)",
        )
    return code


def _clean_licence(fields: Fields, licence: Licence) -> Licence:
    kind = fields.choice("/kind", licence.kind, LicenceKind)
    number = fields.text("/number", licence.number, 100)
    known = NewsService if kind == LicenceKind.INTERNET_NEWS else ()
    services = fields.choices("/services", licence.services, known)
    if kind == LicenceKind.INTERNET_NEWS and not services:
        fields.add(
            "/services", "required", "新闻许可须注明服务类别", "a news licence names services"
        )
    if licence.valid_to < licence.valid_from:
        fields.add("/valid_to", "before_start", "不得早于起始日", "must not be before valid_from")
    return Licence(kind, number, services, licence.valid_from, licence.valid_to)


def _reason(reason: str) -> str:
    fields = Fields()
    clean = fields.text("/reason", reason, 500, lines=True)
    fields.finish()
    return clean


def _provider(tx: Tx, provider_id: str) -> Provider:
    provider = repository.provider_by_id(tx, provider_id)
    if provider is None:
        raise NotFound(Words("没有这个服务提供者", "No such provider"))
    return provider


def _provider_body(provider: Provider) -> dict[str, object]:
    return {
        "legal_name": provider.legal_name,
        "display_name": provider.display_name,
        "link_domains": list(provider.link_domains),
    }


def _licence_body(entry: RegisteredLicence) -> dict[str, object]:
    licence = entry.licence
    return {
        "provider": entry.provider_id,
        "licence": licence.kind,
        "number": licence.number,
        "services": list(licence.services),
        "valid_from": _day(licence.valid_from),
        "valid_to": _day(licence.valid_to),
    }


def _day(day: date) -> str:
    return day.isoformat()
