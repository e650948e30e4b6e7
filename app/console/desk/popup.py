"""The preview: what a recipient will see, as one document without script or further requests."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup

from app.console import assets
from app.console.desk.card import Payload, properties
from app.console.views import environment
from app.domain.canonical import canonical_bytes, sha256_digest
from app.domain.envelope import ReleaseFacts, release_payload
from app.domain.push import PushRequest
from app.pushes.canonical import canonical_push
from app.pushes.records import StoredAsset, StoredPush

_SHEET: Final = re.compile(r"const SHEET = `\n(.*?)`;", re.DOTALL)
_DARK: Final = "(prefers-color-scheme: dark)"
_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox"
)


class Device(StrEnum):
    """What the popup is shown on."""

    PHONE = "phone"
    DESKTOP = "desktop"


class Look(StrEnum):
    """Which colours the recipient's device asks for."""

    LIGHT = "light"
    DARK = "dark"


class TextSize(StrEnum):
    """How large the recipient set texts."""

    NORMAL = "normal"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Scene:
    """The circumstances in which a popup is looked at."""

    device: Device = Device.PHONE
    look: Look = Look.LIGHT
    text_size: TextSize = TextSize.NORMAL


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the popup; `address` holds the bytes themselves, empty if they are missing."""

    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class Document:
    """An HTML document and the policy under which a browser may show it."""

    html: str
    policy: str


@dataclass(frozen=True, slots=True)
class _View:
    release: Payload
    pictures: tuple[Picture, ...]
    link_host: str
    scene: Scene
    style: Markup


def is_genuine(push: StoredPush, request: PushRequest) -> bool:
    """Tell whether this content is what the stored digest stands for."""
    canonical = canonical_push(push.provider_id, request)
    return canonical == push.canonical and sha256_digest(canonical) == push.digest


def payload_to_send(push: StoredPush, request: PushRequest, public_url: str) -> Payload:
    """Return the payload that release will sign; only the release's id and time are not yet known.

    The value has been through the canonical bytes, as that of the envelope.
    """
    facts = ReleaseFacts(
        release_id="rel_",
        push_id=push.id,
        digest=push.digest,
        provider_id=push.provider_id,
        provider_name=request.presentation.provider_name,
        complaint_url=f"{public_url}/c/",
        released_at=push.submitted_at,
    )
    return _read(canonical_bytes(release_payload(request, facts)))


def payload_sent(envelope: bytes) -> Payload:
    """Return the payload of an envelope that left the gateway."""
    return _read(base64.b64decode(json.loads(envelope)["payload"]))


def picture(stored: StoredAsset | None, digest: str, alt: str) -> Picture:
    """Return an image for the document; without an address unless the bytes fit the digest."""
    if stored is None or sha256(stored.data).hexdigest() != digest:
        return Picture("", alt)
    data = base64.b64encode(stored.data).decode()
    return Picture(f"data:{stored.media_type};base64,{data}", alt)


def draw(payload: Payload, pictures: Iterable[Picture], scene: Scene) -> Document:
    """Draw a payload with the web client's own stylesheet, allowed by its hash and nothing else."""
    style = _style(properties(payload), scene)
    link = payload["link"]
    view = _View(
        release=payload,
        pictures=tuple(pictures),
        link_host="" if link is None else urlsplit(link["url"]).hostname or link["url"],
        scene=scene,
        style=Markup(style),  # noqa: S704 - our own files, numbers and checked colours
    )
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    html = environment().get_template("desk/preview.html").render(view=view)
    return Document(html, _POLICY.format(digest=digest))


def _style(values: Mapping[str, str], scene: Scene) -> str:
    declared = "".join(f"{name}:{value};" for name, value in values.items())
    chosen = "all" if scene.look is Look.DARK else "not all"
    return _sheets().replace(_DARK, chosen) + f".card{{{declared}}}"


@cache
def _sheets() -> str:
    """Return the client's stylesheet for a document of its own, and the scene's around it."""
    script = files("app.delivery").joinpath("web_client", "popgate-client.js")
    found = _SHEET.search(script.read_text("utf-8"))
    if found is None:
        raise LookupError("popgate-client.js has no stylesheet")
    sheet = re.sub(r":host\(([^()]*(?:\([^()]*\))?[^()]*)\)", r"popgate-popup\1", found[1])
    scene = (assets.FOLDER / "console" / "preview.css").read_text("utf-8")
    return sheet.replace(":host", "popgate-popup") + scene


def _read(data: bytes) -> Payload:
    value = json.loads(data)
    if not isinstance(value, dict):
        raise TypeError("a payload is an object")
    return value
