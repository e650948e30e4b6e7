"""What the demo's pushes are made of; every text in this package is invented."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

Body = dict[str, Any]

DAYS_VALID: Final = 6


class DemoSender(StrEnum):
    """Who hands a push in."""

    NEWSROOM = "newsroom"
    SERVICE = "service"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class DemoPush:
    """A push as its sender hands it in.

    `blocked_by` names the rules that block it, empty where a reviewer gets it. `published` is how
    many hours before the submission its source appeared, None where it does not say.
    """

    name: str
    sender: DemoSender
    body: Body
    blocked_by: tuple[str, ...] = ()
    published: int | None = None
    hours_valid: int = DAYS_VALID * 24

    def on_wire(self, surface: str, recipients: tuple[str, ...], now: datetime) -> Body:
        """Return the JSON that is submitted, its times counted from `now`."""
        body = self.body | {
            "external_id": self.name,
            "surface": surface,
            "audience": {"kind": "recipients", "recipients": list(recipients)},
            "expires_at": _time(now + timedelta(hours=self.hours_valid)),
        }
        if self.published is not None:
            published = now - timedelta(hours=self.published)
            body["source"] = body["source"] | {"published_at": _time(published)}
        return body


def push(kind: str, title: str, text: str, provider: str, **changes: object) -> Body:
    """Return a complete push without surface, audience and times; `changes` replace fields."""
    return {
        "kind": kind,
        "title": title,
        "body": text,
        "presentation": presentation(provider),
        "ai_generated": "no",
        "personalisation": {"used": False},
        "minors": "included",
    } | changes


def presentation(provider: str, **changes: object) -> Body:
    """Return how a popup looks where nothing is wrong with it."""
    return {
        "frame": {"width_dp": 320, "height_dp": 180},
        "provider_name": provider,
        "body_size_dp": 14,
        "ad_label": None,
        "close": close(),
        "complaint_entry": True,
    } | changes


def close(**changes: object) -> Body:
    """Return a close mark that closes at once with one tap."""
    return {
        "present": True,
        "delay_ms": 0,
        "taps": 1,
        "width_dp": 44,
        "height_dp": 44,
        "color": "#333333",
        "background": "#FFFFFF",
        "x_dp": 272,
        "y_dp": 4,
        "opens_url": None,
        "reopens": False,
    } | changes


def label(**changes: object) -> Body:
    """Return the word that marks an advertisement, as it should be."""
    return {
        "text": "广告",
        "size_dp": 14,
        "color": "#333333",
        "background": "#FFFFFF",
        "x_dp": 8,
        "y_dp": 8,
    } | changes


def _time(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
