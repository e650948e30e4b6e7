"""Everything about one push as the desk and the push page show it."""

import json
from dataclasses import dataclass
from datetime import datetime

from app.console.desk.findings import ShownFinding, marks, numbers_at, place, shown
from app.console.desk.marks import Piece, pieces
from app.console.desk.names import Names
from app.console.desk.past import (
    PastDecision,
    PastRuling,
    past_decision,
    past_rulings,
)
from app.console.desk.placed import PlacedCard, placed_card
from app.console.desk.popup import is_genuine
from app.console.desk.source import SourceCard, source_card
from app.console.desk.steps import Step, steps_of
from app.console.texts import Texts
from app.domain.decision import Decision
from app.domain.facts import Caps, Facts, Licence
from app.domain.pictures import PICTURE_METADATA, PICTURE_TEXT, AigcMark, PictureFacts
from app.domain.policy import Cap, DailyCap
from app.domain.push import PushRequest
from app.pushes.records import StoredPush
from app.pushes.stored import facts_from
from app.pushes.views import Dossier


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One text of the push with its marks; `numbers` are the findings at its pointer."""

    pointer: str
    label: str
    pieces: tuple[Piece, ...]
    numbers: tuple[int, ...]
    length: int


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """An image of the push; `numbers` are the findings about it."""

    sha256: str
    alt: tuple[Piece, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """What the register knew of the provider when it was decided."""

    id: str
    name: str
    legal_name: str
    is_suspended: bool
    licences: tuple[Licence, ...]
    surface: str
    sender: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom the push is for, how often, and when."""

    audience: str
    size: int | None
    minors: str
    is_personalised: bool
    ai_generated: str
    caps: tuple[tuple[str, int], ...] | None
    policy: str
    not_before: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PushCard:
    """The push itself."""

    push: StoredPush
    request: PushRequest
    is_genuine: bool
    title: tuple[Piece, ...]
    texts: tuple[TextBlock, ...]
    images: tuple[Thumbnail, ...]
    source: SourceCard | None
    provider: ProviderCard
    plan: Plan
    placed: PlacedCard | None
    findings: tuple[ShownFinding, ...]
    decision: Decision
    canonical: tuple[Piece, ...]
    decisions: tuple[PastDecision, ...]
    rulings: tuple[PastRuling, ...]
    steps: tuple[Step, ...]


def push_card(dossier: Dossier, names: Names, t: Texts) -> PushCard:
    """Return everything about a push in the reader's language."""
    push, request = dossier.push, dossier.request
    facts = facts_from(dossier.decisions[-1].facts)
    found = shown(dossier.decision, t)
    return PushCard(
        push=push,
        request=request,
        is_genuine=is_genuine(push, request),
        title=pieces(push.title),
        texts=text_blocks(request, found, t, facts.pictures),
        images=tuple(
            Thumbnail(one.sha256, pieces(one.alt), one.width, one.height) for one in request.images
        ),
        source=source_card(request, facts, found, t.language),
        provider=_provider(push, facts, names, t),
        plan=_plan(request, facts),
        placed=placed_card(facts),
        findings=found,
        decision=dossier.decision,
        canonical=pieces(json.dumps(json.loads(push.canonical), ensure_ascii=False, indent=2)),
        decisions=tuple(past_decision(one) for one in dossier.decisions),
        rulings=past_rulings(dossier.rulings, names, t),
        steps=steps_of(dossier, names, t),
    )


def text_blocks(
    request: PushRequest,
    found: tuple[ShownFinding, ...],
    t: Texts,
    pictures: tuple[PictureFacts, ...] = (),
) -> tuple[TextBlock, ...]:
    """Return every text that a reviewer reads, findings marked in it, words in pictures last."""
    label, link = request.presentation.ad_label, request.link
    advertiser = request.advertiser
    every = [
        ("/title", request.title),
        ("/body", request.body),
        ("/presentation/provider_name", request.presentation.provider_name),
        ("/presentation/ad_label/text", "" if label is None else label.text),
        ("/link/url", "" if link is None else link.url),
        ("/advertiser/name", "" if advertiser is None else advertiser.name),
        ("/advertiser/credit_code", "" if advertiser is None else advertiser.credit_code or ""),
        ("/advertiser/category", "" if advertiser is None else advertiser.category or ""),
        (
            "/advertiser/approval_number",
            "" if advertiser is None else advertiser.approval_number or "",
        ),
        ("/advertiser/evidence", "" if advertiser is None else advertiser.evidence or ""),
        ("/topic", request.topic or ""),
        ("/rehash_reason", request.rehash_reason or ""),
    ]
    for number, one in enumerate(pictures):
        every.append((PICTURE_TEXT.format(number), one.text))
        codes = enumerate(one.codes or ())
        every += [(f"/images/{number}/codes/{place}", code.text) for place, code in codes]
        if one.aigc is not None:
            every.append((PICTURE_METADATA.format(number), _said(one.aigc, t)))
    return tuple(_block(pointer, text, found, t) for pointer, text in every if text)


def _said(mark: AigcMark, t: Texts) -> str:
    """Return what a picture's file says of itself, and who wrote it there."""
    who = [("producer", mark.producer), ("propagator", mark.propagator)]
    named = [t(f"terms.aigc.{role}", who=name) for role, name in who if name]
    return " · ".join([t(f"terms.aigc.{mark.label.value}"), *named])


def _block(pointer: str, text: str, found: tuple[ShownFinding, ...], t: Texts) -> TextBlock:
    return TextBlock(
        pointer=pointer,
        label=place(pointer, t),
        pieces=pieces(text, marks(found, pointer)),
        numbers=numbers_at(found, pointer),
        length=len(text),
    )


def _provider(push: StoredPush, facts: Facts, names: Names, t: Texts) -> ProviderCard:
    provider = facts.provider
    return ProviderCard(
        id=provider.id,
        name=provider.display_name,
        legal_name=provider.legal_name,
        is_suspended=provider.suspended,
        licences=provider.licences,
        surface=names.surface(push.surface_id),
        sender=names.person(f"sender:{push.sender_id}", t),
    )


def _plan(request: PushRequest, facts: Facts) -> Plan:
    caps = facts.caps
    return Plan(
        audience=request.audience.kind.value,
        size=request.audience.size,
        minors=request.minors.value,
        is_personalised=request.personalisation.used,
        ai_generated=request.ai_generated.value,
        caps=_limits(caps.caps) if isinstance(caps, Caps) else None,
        policy=caps.policy if isinstance(caps, Caps) else "",
        not_before=request.not_before,
        expires_at=request.expires_at,
    )


def _limits(caps: tuple[Cap | DailyCap, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((one.id, one.limit) for one in caps if isinstance(one, DailyCap) or one.is_counted)
