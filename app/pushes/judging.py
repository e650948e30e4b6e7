"""The judgements of a push's texts: a function a family, all that they notice in one tuple."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from app.clock import beijing_day
from app.domain.pictures import PICTURE_TEXT, PictureFacts
from app.domain.push import ContentKind, PushRequest
from app.domain.signals import REPORTED, Family, Signal
from app.rules.claims import TRADE
from app.screening import advertising, claims, health
from app.screening.contacts import text_signals
from app.screening.content import vocabulary
from app.screening.manner import ADVERTISING, CLAIM, CONTENT, PRETENCE, manner_signals
from app.screening.manner_weights import manners
from app.screening.titles.judge import OriginalTexts, title_signals

Judge = Callable[[PushRequest], Iterable[Signal]]


def _title(request: PushRequest) -> Iterable[Signal]:
    """Compare news with its original; an advertisement's title is for the rules on claims."""
    if request.kind is ContentKind.ADVERTISEMENT:
        return ()
    source = request.source if request.kind is ContentKind.NEWS else None
    if source is None or not (source.title or "").strip():
        return title_signals(request.title, request.body, None)
    published = None if source.published_at is None else beijing_day(source.published_at)
    original = OriginalTexts(source.title or "", source.lead or "", published)
    return title_signals(request.title, request.body, original)


# In the order of the families. Each runs at every push, so it costs microseconds and never waits.
_JUDGES: Final[tuple[Judge, ...]] = (advertising.judge, claims.judge, _title)

# A report, and what an advertisement is for, raise no question by themselves.
_NO_QUESTION: Final = frozenset({REPORTED, TRADE})


def read_tables() -> None:
    """Read tables and dictionaries now, which take half a second at the first pushes else."""
    vocabulary()
    manners()
    advertising.read_tables()
    claims.read_tables()
    text_signals([("/title", "读表")], listed=True)
    # Reads the dictionary with parts of speech, and what titles are compared by.
    title_signals("两家公司明天宣布停业", "", OriginalTexts("一家公司今天宣布停业", "", None))


def signals(
    request: PushRequest, pictures: Sequence[PictureFacts] = (), *, listed: bool = False
) -> tuple[Signal, ...]:
    """Return what every judgement noticed in a push, in the order of the families.

    `pictures` bring the words that were read in them, `listed` is whether listed terms were found
    in it. Pure: the same push gives the same signals, which are stored with the screening report.
    """
    noticed = [signal for judge in _JUDGES for signal in judge(request)]
    noticed += _in_pictures(request, pictures)
    shown = _shown(request, pictures)
    noticed += text_signals(shown, listed=listed)
    noticed += manner_signals(shown, _asked(request, noticed))
    if request.kind is not ContentKind.ADVERTISEMENT:
        noticed += health.judge(shown, noticed)
    return tuple(noticed)


def _asked(request: PushRequest, noticed: Sequence[Signal]) -> dict[str, bool]:
    """Return whose manner a push may have, and whether single words already made that a question.

    An advertisement may claim what it must not, everything else may be one.
    """
    families = {one.family for one in noticed if one.kind not in _NO_QUESTION}
    asked = {CONTENT: Family.CONTENT in families}
    if request.kind is ContentKind.ADVERTISEMENT:
        return asked | {CLAIM: Family.CLAIM in families}
    return asked | {ADVERTISING: Family.ADVERTISING in families, PRETENCE: False}


def _in_pictures(request: PushRequest, pictures: Sequence[PictureFacts]) -> Iterator[Signal]:
    """Judge the words of each picture as those of a push of their own."""
    for number, picture in enumerate(pictures):
        if picture.text:
            alone = replace(request, title="", body=picture.text, images=())
            for signal in advertising.judge(alone):
                yield replace(signal, pointer=PICTURE_TEXT.format(number))


def _shown(request: PushRequest, pictures: Sequence[PictureFacts]) -> list[tuple[str, str]]:
    """Return (JSON pointer, text) of what the recipient reads as the message itself."""
    alts = [(f"/images/{n}/alt", image.alt) for n, image in enumerate(request.images)]
    fields = [("/title", request.title), ("/body", request.body), *alts]
    fields += [(PICTURE_TEXT.format(n), picture.text) for n, picture in enumerate(pictures)]
    return [(pointer, text) for pointer, text in fields if text]
