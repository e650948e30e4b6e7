"""Judge whether a push that is not declared as an advertisement speaks like one."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from app.domain.push import ContentKind, PushRequest
from app.domain.signals import Family, Signal
from app.screening.cues import CueBook, Met, apart
from app.screening.plain import Plain

# Speaking to the reader counts even in a report; what is offered and praised may be reported.
_VOICE: Final = frozenset({"call", "contact", "urgency", "reader"})
# What is left, in hundredths, of a voice and of goods where the text is such a notice.
_CONTEXTS: Final = {
    "report": (60, 30),
    "service": (45, 45),
    "public": (50, 40),
    "warning": (20, 20),
    "update": (50, 35),
}
_FULL: Final = 100
_FULL_LEFT: Final = (_FULL, _FULL)
# A push that is no news and reports, serves and warns of nothing has little else to be.
_BARE: Final = (140, 140)
# Of a context: one sign of it counts half, two or more fully.
_ONE: Final = 1


def judge(request: PushRequest) -> Iterator[Signal]:
    """Yield what in a push other than an advertisement speaks for one, weakened by its context."""
    if request.kind is ContentKind.ADVERTISEMENT:
        return
    fields = [(pointer, Plain.read(text)) for pointer, text in _fields(request)]
    met = _met("advertising", fields)
    if not met:
        return
    is_one_kind = len({one.cue.kind for one in met}) == _ONE
    voice, goods = _FULL_LEFT if is_one_kind else _left(request.kind, _met("contexts", fields))
    for one in met:
        left = voice if one.cue.kind in _VOICE else goods
        weight = min(_FULL, one.cue.weight * left // _FULL)
        params = {"strength": one.cue.name, "text": one.words}
        yield Signal(Family.ADVERTISING, one.cue.kind, one.pointer, one.span, weight, params)


def _fields(request: PushRequest) -> Iterator[tuple[str, str]]:
    yield "/title", request.title
    yield "/body", request.body
    for number, image in enumerate(request.images):
        yield f"/images/{number}/alt", image.alt


def _met(book: str, fields: list[tuple[str, Plain]]) -> list[Met]:
    return [one for pointer, plain in fields for one in apart(_book(book).find(pointer, plain))]


def _left(kind: ContentKind, met: list[Met]) -> tuple[int, int]:
    """Return what is left of a voice and of goods, in hundredths, in the contexts met."""
    if not met:
        return _BARE if kind is ContentKind.GENERAL else _FULL_LEFT
    left = [_FULL_LEFT]
    for context, (voice, goods) in _CONTEXTS.items():
        signs = {one.words for one in met if one.cue.kind == context}
        if len(signs) == _ONE:
            left.append(((_FULL + voice) // 2, (_FULL + goods) // 2))
        elif signs:
            left.append((voice, goods))
    return min(voice for voice, _ in left), min(goods for _, goods in left)


@cache
def _book(name: str) -> CueBook:
    return CueBook.load(name)
