"""Judge whether a push that is not declared as an advertisement speaks like one."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from app.domain.push import ContentKind, PushRequest
from app.domain.signals import Family, Signal
from app.screening.cues import CueBook, Met, apart
from app.screening.plain import Plain

# Speaking to the reader counts even in a report; what is offered and praised may be reported.
_VOICE: Final = frozenset({"call", "contact", "urgency", "reader", "means"})
# Who names terms and a way to buy may borrow the tone of a report, and sells all the same.
_TERMS: Final = frozenset({"offer", "price", "recruit", "reward"})
_WAYS: Final = frozenset({"call", "contact", "means", "download"})
_STRONG: Final = 40
_MANY: Final = 3
# In characters.
_LITTLE: Final = 8
_BORROWED: Final = frozenset({"report", "update", "public"})
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
    voice, goods = _FULL_LEFT
    if len({one.cue.kind for one in met}) > _ONE:
        is_bare = request.kind is ContentKind.GENERAL or _is_told(request) or _deals(met)
        voice, goods = _left(is_bare, _deals(met), _met("contexts", fields))
    for one in met:
        left = voice if one.cue.kind in _VOICE else goods
        weight = min(_FULL, one.cue.weight * left // _FULL)
        params = {"strength": one.cue.name, "text": one.words}
        yield Signal(Family.ADVERTISING, one.cue.kind, one.pointer, one.span, weight, params)


def read_tables() -> None:
    """Compile the cues of all books."""
    for name in ("advertising", "contexts"):
        _book(name)


def _fields(request: PushRequest) -> Iterator[tuple[str, str]]:
    yield "/title", request.title
    yield "/body", request.body
    for number, image in enumerate(request.images):
        yield f"/images/{number}/alt", image.alt


def _met(book: str, fields: list[tuple[str, Plain]]) -> list[Met]:
    return [one for pointer, plain in fields for one in apart(_book(book).find(pointer, plain))]


def _is_told(request: PushRequest) -> bool:
    """Say whether a body tells more than the title; news that reports says where it is from."""
    return len(request.body) > len(request.title) + _LITTLE


def _deals(met: list[Met]) -> bool:
    """Say whether the reader is told what is for sale and how to get it, or terms over and over."""
    strong = [one.cue.kind for one in met if one.cue.weight >= _STRONG]
    terms = sum(kind in _TERMS for kind in strong)
    return terms >= _MANY or (terms > 0 and not _WAYS.isdisjoint(strong))


def _left(is_bare: bool, deals: bool, contexts: list[Met]) -> tuple[int, int]:
    """Return what is left of a voice and of goods, in hundredths, in the contexts met."""
    if not contexts:
        return _BARE if is_bare else _FULL_LEFT
    left = [_FULL_LEFT]
    for context, (voice, goods) in _CONTEXTS.items():
        signs = {one.words for one in contexts if one.cue.kind == context}
        if signs and (len(signs) == _ONE or (deals and context in _BORROWED)):
            left.append(((_FULL + voice) // 2, (_FULL + goods) // 2))
        elif signs:
            left.append((voice, goods))
    return min(voice for voice, _ in left), min(goods for _, goods in left)


@cache
def _book(name: str) -> CueBook:
    return CueBook.load(name)
