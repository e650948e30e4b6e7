"""What an admin does to surfaces: register, change, close, and let other providers push there."""

from dataclasses import dataclass

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.errors import Conflict, NotFound, Words
from app.fields import Fields
from app.ids import new_id
from app.providers import repository
from app.providers.categories import APP_CATEGORIES
from app.providers.enrolment import WebhookSecret, new_webhook_secret
from app.providers.register import Grant, Surface, SurfaceChannel, SurfaceForm
from app.providers.writer import RegisterWriter


@dataclass(frozen=True, slots=True)
class SurfaceDetails:
    """The fields of a surface that may change; `webhook_url` only where the channel is webhook.

    `time_zone` is an IANA name, `app_category` a key of APP_CATEGORIES. `elderly_mode` is whether
    it shows the mode for the elderly, `for_minors` whether it is made for minors.
    """

    name: str
    time_zone: str
    complaint_contact: str
    app_category: str
    webhook_url: str | None = None
    elderly_mode: bool = False
    for_minors: bool = False


@dataclass(frozen=True, slots=True)
class NewSurface:
    """A surface to register; form and channel stay what they are."""

    provider_id: str
    form: str
    channel: str
    details: SurfaceDetails


@dataclass(frozen=True, slots=True)
class AddedSurface:
    """The new surface's id and, for the webhook channel, its secret, shown this once."""

    surface_id: str
    webhook: WebhookSecret | None


class Surfaces:
    """Commands on surfaces; each raises Invalid with every bad field, NotFound or Conflict."""

    def __init__(self, writer: RegisterWriter, *, plain_http: bool) -> None:
        """`plain_http` is whether webhooks may use http, as in the demo mode."""
        self._writer = writer
        self._plain_http = plain_http

    async def add(self, actor: Actor, new: NewSurface) -> AddedSurface:
        """Register a surface of a provider."""
        fields = Fields()
        form = fields.choice("/form", new.form, SurfaceForm)
        channel = fields.choice("/channel", new.channel, SurfaceChannel)
        details = self._clean(fields, new.details, channel)
        fields.finish()
        webhook = None
        if details.webhook_url is not None:
            webhook = WebhookSecret(details.webhook_url, new_webhook_secret())
        surface = Surface(
            id=new_id("srf"),
            provider_id=new.provider_id,
            name=details.name,
            form=SurfaceForm(form),
            channel=SurfaceChannel(channel),
            time_zone=details.time_zone,
            complaint_contact=details.complaint_contact,
            app_category=details.app_category,
            webhook_url=details.webhook_url,
            webhook_secret=None if webhook is None else webhook.secret,
            closed=False,
            created_at=self._writer.now(),
            elderly_mode=details.elderly_mode,
            for_minors=details.for_minors,
        )

        def work(tx: Tx) -> None:
            if repository.provider_by_id(tx, new.provider_id) is None:
                raise NotFound(Words("没有这个服务提供者", "No such provider"))
            repository.insert_surface(tx, surface)
            body = _body(details) | {"provider": new.provider_id, "form": form, "channel": channel}
            record(tx, surface.created_at, AuditKind.SURFACE_ADDED, actor, surface.id, **body)

        await self._writer.change(work)
        return AddedSurface(surface.id, webhook)

    async def change(self, actor: Actor, surface_id: str, details: SurfaceDetails) -> None:
        """Replace what may change; a webhook keeps its secret."""

        def work(tx: Tx) -> None:
            surface = _surface(tx, surface_id)
            fields = Fields()
            values = _body(self._clean(fields, details, surface.channel.value))
            fields.finish()
            repository.update_surface(tx, surface_id, values)
            now = self._writer.now()
            record(tx, now, AuditKind.SURFACE_CHANGED, actor, surface_id, **values)

        await self._writer.change(work)

    async def renew_webhook_secret(self, actor: Actor, surface_id: str) -> WebhookSecret:
        """Replace the secret of a webhook surface; the former one signs nothing any more."""
        secret = new_webhook_secret()

        def work(tx: Tx) -> WebhookSecret:
            surface = _surface(tx, surface_id)
            if surface.webhook_url is None:
                raise Conflict(Words("该展示端不用 webhook", "The surface uses no webhook"))
            repository.update_surface(tx, surface_id, {"webhook_secret": secret})
            now, body = self._writer.now(), {"url": surface.webhook_url, "secret_renewed": True}
            record(tx, now, AuditKind.WEBHOOK_CHANGED, actor, surface_id, **body)
            return WebhookSecret(surface.webhook_url, secret)

        return await self._writer.change(work)

    async def close(self, actor: Actor, surface_id: str) -> None:
        """Take a surface out of use: nobody may push there."""
        await self._set_status(actor, surface_id, "closed")

    async def reopen(self, actor: Actor, surface_id: str) -> None:
        """Put a closed surface to use again."""
        await self._set_status(actor, surface_id, "active")

    async def grant(self, actor: Actor, surface_id: str, provider_id: str) -> None:
        """Let another provider push to a surface; a second time changes nothing."""

        def work(tx: Tx) -> None:
            surface = _surface(tx, surface_id)
            if repository.provider_by_id(tx, provider_id) is None:
                raise NotFound(Words("没有这个服务提供者", "No such provider"))
            if surface.provider_id == provider_id:
                raise Conflict(
                    Words("该展示端本就属于它", "The surface is its own"), code="own_surface"
                )
            standing = repository.grant(tx, surface_id, provider_id)
            if standing is not None and standing.revoked_at is None:
                return
            now = self._writer.now()
            repository.put_grant(tx, Grant(surface_id, provider_id, now, None))
            record(tx, now, AuditKind.SURFACE_CHANGED, actor, surface_id, granted=provider_id)

        await self._writer.change(work)

    async def revoke_grant(self, actor: Actor, surface_id: str, provider_id: str) -> None:
        """Take a grant back; a second time changes nothing."""

        def work(tx: Tx) -> None:
            standing = repository.grant(tx, surface_id, provider_id)
            if standing is None:
                raise NotFound(Words("没有这项授权", "No such grant"))
            if standing.revoked_at is not None:
                return
            now = self._writer.now()
            ended = Grant(surface_id, provider_id, standing.granted_at, now)
            repository.put_grant(tx, ended)
            body = {"grant_revoked": provider_id}
            record(tx, now, AuditKind.SURFACE_CHANGED, actor, surface_id, **body)

        await self._writer.change(work)

    async def _set_status(self, actor: Actor, surface_id: str, status: str) -> None:
        def work(tx: Tx) -> None:
            _surface(tx, surface_id)
            repository.update_surface(tx, surface_id, {"status": status})
            now = self._writer.now()
            record(tx, now, AuditKind.SURFACE_CHANGED, actor, surface_id, status=status)

        await self._writer.change(work)

    def _clean(self, fields: Fields, details: SurfaceDetails, channel: str) -> SurfaceDetails:
        url = details.webhook_url
        if channel == SurfaceChannel.WEBHOOK:
            url = fields.web_address("/webhook_url", url or "", plain_http=self._plain_http)
        elif url is not None:
            zh, en = "只有 webhook 通道才填写", "only for the webhook channel"
            fields.add("/webhook_url", "not_for_channel", zh, en)
        contact = fields.text("/complaint_contact", details.complaint_contact, 200)
        return SurfaceDetails(
            name=fields.text("/name", details.name, 100),
            time_zone=fields.time_zone("/time_zone", details.time_zone),
            complaint_contact=contact,
            app_category=fields.choice("/app_category", details.app_category, APP_CATEGORIES),
            webhook_url=url,
            elderly_mode=details.elderly_mode,
            for_minors=details.for_minors,
        )


def _surface(tx: Tx, surface_id: str) -> Surface:
    surface = repository.surface_by_id(tx, surface_id)
    if surface is None:
        raise NotFound(Words("没有这个展示端", "No such surface"))
    return surface


def _body(details: SurfaceDetails) -> dict[str, object]:
    return {
        "name": details.name,
        "time_zone": details.time_zone,
        "complaint_contact": details.complaint_contact,
        "app_category": details.app_category,
        "webhook_url": details.webhook_url,
        "elderly_mode": details.elderly_mode,
        "for_minors": details.for_minors,
    }
