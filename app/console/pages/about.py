"""What this gateway is made of: versions, settings that are no secret, public keys."""

import json
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from app.console import assets
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.rules.version import rule_set_version
from app.settings import SecondFactor, Settings
from app.signing.keys import PublicKey

pages = Pages()

# Addresses and folders stay unseen: they hold passwords, or say where keys lie.
_SHOWN: Final = (
    "mode",
    "public_url",
    "behind_tls_proxy",
    "undo_seconds",
    "claim_seconds",
    "session_hours",
    "session_idle_minutes",
    "second_factor",
    "rate_per_minute",
    "public_rate_per_minute",
    "dispatch_lease_seconds",
    "webhook_timeout_seconds",
    "clock_tolerance_seconds",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, what it is and what it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class AboutView:
    """Versions by their keys in the catalogue."""

    versions: tuple[tuple[str, str], ...]
    settings: tuple[Setting, ...]
    keys: tuple[PublicKey, ...]
    browser: tuple[tuple[str, str], ...]


@pages.get("/console/about", Permission.SYSTEM)
async def about(visit: Visit) -> Response:
    """Show what is running."""
    services = visit.services
    pack = await services.packs.active()
    policy = await services.policies.active()
    none = visit.t("form.none")
    app: Any = visit.request.app
    versions = (
        ("gateway", str(app.version)),
        ("rule_set", rule_set_version()),
        ("rule_pack", pack.version),
        ("word_lists", pack.screener.word_list_digest),
        ("source_list", none if pack.sources is None else pack.sources.edition),
        ("policy", none if policy is None else policy.version),
    )
    view = AboutView(
        versions=versions,
        settings=_settings(services.settings),
        keys=services.keyring.public_keys(),
        browser=_browser_packages(),
    )
    return await render(visit, "about.html", view)


def _settings(settings: Settings) -> tuple[Setting, ...]:
    fields = type(settings).model_fields
    return tuple(
        Setting(
            f"GATEWAY_{name.upper()}",
            _shown(settings, name),
            fields[name].description or "",
        )
        for name in _SHOWN
    )


def _shown(settings: Settings, name: str) -> str:
    if name == "second_factor":
        required = settings.requires_second_factor
        return str(SecondFactor.REQUIRED if required else SecondFactor.OFFERED)
    return str(getattr(settings, name))


def _browser_packages() -> tuple[tuple[str, str], ...]:
    """Return what set-up brought into the pages, with versions."""
    file = assets.FOLDER / "vendor" / "versions.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return tuple(sorted(found.items()))
