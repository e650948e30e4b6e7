"""What leaves the gateway: the content of the signed envelope that a client shows."""

from datetime import datetime

from app.domain.push import AiGenerated, PushRequest
from app.domain.values import dataclass

RELEASE_TYPE = "application/vnd.popgate.release+json"

# GB 45438-2025 5.2: the words say "AI" and "generated" or "synthesised".
AI_LABELS = {AiGenerated.YES: "AI生成", AiGenerated.ASSISTED: None, AiGenerated.NO: None}


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What release adds to a push: who sends it, under which id, until when."""

    release_id: str
    push_id: str
    digest: str
    provider_id: str
    provider_name: str
    complaint_url: str
    released_at: datetime


def release_payload(push: PushRequest, release: ReleaseFacts) -> dict[str, object]:
    """Return the envelope's payload as a JSON value: what a recipient will see, no more."""
    shown = push.presentation
    return {
        "release_id": release.release_id,
        "push_id": release.push_id,
        "digest": release.digest,
        "kind": push.kind.value,
        "surface": push.surface,
        "title": push.title,
        "body": push.body,
        "link": None
        if push.link is None
        else {"url": push.link.url, "opens": push.link.opens.value},
        "images": [
            {
                "sha256": image.sha256,
                "media_type": image.media_type,
                "url": f"/v1/assets/{image.sha256}",
                "alt": image.alt,
            }
            for image in push.images
        ],
        "source": None
        if push.source is None
        else {"unit": push.source.unit, "url": push.source.url},
        "advertiser": None if push.advertiser is None else {"name": push.advertiser.name},
        "provider": {"id": release.provider_id, "name": release.provider_name},
        "label": None if shown.ad_label is None else _fields(shown.ad_label),
        "close": _fields(shown.close),
        "frame": _fields(shown.frame),
        "body_size_dp": shown.body_size_dp,
        "ai_label": AI_LABELS[push.ai_generated],
        "complaint_url": release.complaint_url,
        "released_at": instant_text(release.released_at),
        "expires_at": instant_text(push.expires_at),
    }


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]


def instant_text(instant: datetime) -> str:
    """Write an aware UTC instant as RFC 3339 with microseconds dropped where they are zero."""
    return instant.isoformat().replace("+00:00", "Z")
