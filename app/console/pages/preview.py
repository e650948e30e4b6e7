"""What the desk shows in frames and pictures: the preview of a push, and its images."""

from typing import Final

from fastapi import Response

from app.console.desk.card import Payload
from app.console.desk.popup import (
    Device,
    Look,
    Picture,
    Scene,
    TextSize,
    draw,
    payload_sent,
    payload_to_send,
    picture,
)
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.errors import NotFound, Words
from app.pushes.views import Dossier

pages = Pages()

_IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})
_PICTURE_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"


@pages.get("/console/pushes/{push_id}/preview", Permission.PUSH_READ)
async def preview(visit: Visit) -> Response:
    """Draw the popup from the bytes that will be sent, or that were."""
    dossier = await visit.services.views.dossier(visit.path("push_id"))
    payload = await _payload(visit, dossier)
    pictures = [await _picture(visit, image) for image in payload["images"]]
    document = draw(payload, pictures, _scene(visit))
    return Response(
        document.html,
        headers={
            "content-security-policy": document.policy,
            "x-frame-options": "SAMEORIGIN",
            "cache-control": "no-store",
        },
        media_type="text/html",
    )


@pages.get("/console/assets/{sha256}", Permission.PUSH_READ)
async def image(visit: Visit) -> Response:
    """Return an image of a push, released or not."""
    found = await visit.services.views.asset(visit.path("sha256"))
    if found is None or found.media_type not in _IMAGES:
        raise NotFound(Words("没有这张图片", "There is no such image"))
    return Response(
        found.data,
        headers={
            "content-security-policy": _PICTURE_POLICY,
            "cache-control": "private, max-age=600",
            "content-disposition": "inline",
        },
        media_type=found.media_type,
    )


async def _payload(visit: Visit, dossier: Dossier) -> Payload:
    if dossier.release_id is not None:
        release = await visit.services.views.release(dossier.release_id)
        if release is not None:
            return payload_sent(release.envelope)
    return payload_to_send(dossier.push, dossier.request, visit.services.settings.public_url)


async def _picture(visit: Visit, shown: dict[str, str]) -> Picture:
    stored = await visit.services.views.asset(shown["sha256"])
    return picture(stored, shown["sha256"], shown["alt"])


def _scene(visit: Visit) -> Scene:
    """Return the circumstances that the address asks for; what it misspells is left as usual."""
    device, look, size = visit.query("frame"), visit.query("look"), visit.query("text")
    return Scene(
        device=Device(device) if device in set(Device) else Device.PHONE,
        look=Look(look) if look in set(Look) else Look.LIGHT,
        text_size=TextSize(size) if size in set(TextSize) else TextSize.NORMAL,
    )
