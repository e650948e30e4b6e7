"""The caps of a recipient as JSON, as a sender may see them: others' pushes are counted alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.delivery.explaining import Explained, ExplainedCap, UsedBy
from app.delivery.outcomes import Outcome
from app.domain.cap_json import window_json
from app.domain.envelope import instant_text
from app.domain.policy import Per
from app.policy.sentences import sentence


def explained_json(found: Explained, provider_id: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a sender of a provider may know; `names` are of surfaces, by id."""
    return {
        "at": instant_text(found.at),
        "policy": found.policy,
        "time_zone": found.time_zone,
        "counted_by": "outbox" if found.is_counted_by_rows else "counters",
        "caps": [
            _cap(one, provider_id, names)
            for one in found.caps
            if not _is_of_others(one, provider_id)
        ],
    }


def _is_of_others(one: ExplainedCap, provider_id: str) -> bool:
    """Tell whether it says how much another provider sends in all, which is nobody's business."""
    if one.cap.is_each_recipients or one.scope is None or Per.PROVIDER not in one.cap.per:
        return False
    return one.scope.provider != provider_id


def _cap(one: ExplainedCap, provider_id: str, names: Mapping[str, str]) -> dict[str, Any]:
    says = sentence(one.cap, names)
    own = [used for used in one.used_by if used.provider_id == provider_id]
    return {
        "id": one.cap.id,
        "says": {"zh": says.zh, "en": says.en},
        "mode": one.cap.mode.value,
        "over": one.cap.over.value,
        "window": window_json(one.cap.window),
        "counted_for": _scope(one, provider_id),
        "together": not one.cap.is_each_recipients,
        "counts": one.cap.counts.value,
        "used": one.used,
        "limit": one.limit,
        "full": one.is_full,
        "resets_at": _instant(one.resets_at),
        "pushes": [_push(used) for used in own],
        "pushes_of_others": len(one.used_by) - len(own),
        "source": one.cap.source,
        "house": one.cap.house,
    }


def _scope(one: ExplainedCap, provider_id: str) -> dict[str, str | None]:
    if one.scope is None:
        return {}
    per = one.cap.per
    kept: dict[str, str | None] = {}
    if Per.SURFACE in per:
        kept["surface"] = one.scope.surface
    if Per.PROVIDER in per:
        kept["provider"] = provider_id if one.scope.provider == provider_id else "other"
    if Per.KIND in per:
        kept["kind"] = one.scope.kind
    if Per.TOPIC in per:
        kept["topic"] = one.scope.topic or None
    return kept


def _push(used: UsedBy) -> dict[str, str]:
    outcome = Outcome(used.outcome).name.lower()
    return {"id": used.push_id, "at": instant_text(used.at), "outcome": outcome}


def _instant(value: datetime | None) -> str | None:
    return None if value is None else instant_text(value)
