"""Find in a text whom it wants to be turned to: numbers, names, groups, addresses, however written.

Digits and letters are read as the screening reads them, so that spaces, circled digits and Chinese
numerals change nothing. Official hotlines and switchboards are no bait; a name behind 微信 is.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from re import Match
from typing import Final

from app.domain.signals import Family, Signal, Span
from app.screening.contacts_patterns import (
    ASKED,
    CALLED,
    CHEAP,
    GO_THERE,
    HINTED,
    LANDLINE,
    LONG_NUMBER,
    MAIL,
    MOBILE,
    NAMED,
    NO_NAMES,
    NUMERALS,
    PLUS,
    PUBLIC,
    SIGNS,
    SITE,
    SPELLS,
    SPOKEN_MAIL,
    SPOKEN_SITE,
)
from app.screening.content import content_signals, reported_signals, vocabulary
from app.screening.matcher import Matcher
from app.screening.normalize import Reading

Field = tuple[str, str]

DIRECT: Final = 70
"""From this weight on a signal names somebody to turn to, not merely a way."""
_NAMED, _DISGUISED, _ASKED, _LEADS = 90, 80, 60, 60
_POINTS, _HINTED, _MENTIONED = 50, 40, 30
# From this weight on the words of a report excuse that a way of contact is mentioned.
_REPORTED = 60
_SHORT = 5


def text_signals(fields: Sequence[Field], *, listed: bool) -> tuple[Signal, ...]:
    """Return all that the (pointer, text) fields of a popup say by words that stand together.

    `listed` is whether listed terms were found in them, which only a report would excuse.
    """
    contacts = contact_signals(fields)
    contacted = is_direct(contacts)
    content = content_signals(fields, contacted=contacted)
    told = reported_signals(fields) if listed and not contacted else ()
    return (*content, *told, *contacts)


def contact_signals(fields: Sequence[Field]) -> tuple[Signal, ...]:
    """Return what the (pointer, text) fields say about whom to turn to, in order of field and kind.

    Kinds: phone, wechat, qq, group, telegram, site, mail, each with its `value`; landline; and
    `asked` and `hinted` for a way without a name, which a report excuses.
    """
    signals = [signal for pointer, text in fields for signal in _in_field(pointer, text)]
    nameless = any(signal.kind in _NAMELESS for signal in signals)
    if nameless and not is_direct(signals) and _is_reported(fields):
        return tuple(signal for signal in signals if signal.kind not in _NAMELESS)
    return tuple(signals)


def is_direct(signals: Sequence[Signal]) -> bool:
    """Say whether some signal names a person or group to turn to."""
    return any(signal.weight >= DIRECT for signal in signals)


_NAMELESS: Final = frozenset({"asked", "hinted"})


@cache
def _signs() -> Matcher:
    return Matcher(SIGNS)


def _in_field(pointer: str, text: str) -> Iterator[Signal]:
    folder = vocabulary().folder
    if "➕" in text or "+" in text or "＋" in text:
        text = PLUS.sub("加", text)
    letters = folder.fold(text)
    digits = letters.translate(NUMERALS)
    if LONG_NUMBER.search(digits) is not None:
        yield from _numbers(pointer, text, digits, folder.read(text))
    if _signs().find(letters):
        yield from _named(pointer, letters, digits, folder.read(text))
    if SPELLS.search(text) is not None:
        yield from _addresses(pointer, text.lower())


def _numbers(pointer: str, text: str, digits: str, reading: Reading) -> Iterator[Signal]:
    public = PUBLIC.search(text) is not None
    for match in MOBILE.finditer(digits):
        span = reading.span(*match.span(1))
        if _is_list(text[span[0] : span[1]]):
            continue
        plain = text[span[0] : span[1]] == match[1]
        weight = _NAMED if not plain else _HINTED if public else _DISGUISED
        yield _signal("phone", pointer, span, weight, match[1])
    for match in LANDLINE.finditer(digits):
        span = reading.span(*match.span(1))
        if not _is_list(text[span[0] : span[1]]):
            yield _signal("landline", pointer, span, _MENTIONED, match[1])


def _is_reported(fields: Sequence[Field]) -> bool:
    return any(signal.weight >= _REPORTED for signal in reported_signals(fields))


def _is_list(written: str) -> bool:
    """Say whether marks between digits part figures (10:30, 15,300) instead of hiding a number."""
    return any(mark in written for mark in ",，:：、;；/年月日%")


def _named(pointer: str, letters: str, digits: str, reading: Reading) -> Iterator[Signal]:
    taken: list[Span] = []
    for match in NAMED.finditer(digits):
        if _is_name(match, letters, reading):
            taken.append(reading.span(*match.span()))
            yield _signal(_kind_of(match), pointer, taken[-1], _NAMED, match["name"])
    for kind, pattern, weight in (("asked", ASKED, _ASKED), ("hinted", HINTED, _HINTED)):
        for match in pattern.finditer(letters):
            span = reading.span(*match.span())
            if not any(low < span[1] and span[0] < high for low, high in taken):
                taken.append(span)
                yield _signal(kind, pointer, span, weight, reading.original[span[0] : span[1]])


def _is_name(match: Match[str], letters: str, reading: Reading) -> bool:
    """Say whether what stands behind the name of a channel is a name or number in it."""
    start, first = match.start(), match.start("name")
    if start > 0 and _is_latin(letters[start - 1]) and _is_latin(letters[start]):
        return False
    name = match["name"]
    between = reading.original[reading.index[first - 1] + 1 : reading.index[first]]
    told = bool(match["filler"]) or any(mark in between for mark in ":：@")
    if _kind_of(match) == "telegram" and not told:
        return False
    if name.isdigit():
        return len(name) > _SHORT or told
    return name not in NO_NAMES and (told or any(letter.isdigit() for letter in name))


def _is_latin(letter: str) -> bool:
    return "a" <= letter <= "z"


def _kind_of(match: Match[str]) -> str:
    return next(kind for kind in CALLED if match[kind])


def _signal(kind: str, pointer: str, span: Span, weight: int, value: str) -> Signal:
    return Signal(Family.CONTACT, kind, pointer, span, weight, {"value": value})


def _addresses(pointer: str, text: str) -> Iterator[Signal]:
    for match in MAIL.finditer(text):
        yield _signal("mail", pointer, match.span(), _HINTED, match[0])
    for pattern, kind in ((SPOKEN_MAIL, "mail"), (SPOKEN_SITE, "site")):
        for match in pattern.finditer(text):
            yield _signal(kind, pointer, match.span(), _DISGUISED, match[0])
    for match in SITE.finditer(text):
        told = GO_THERE.search(text[: match.start()]) is not None
        weight = _MENTIONED if not told else _LEADS if CHEAP.search(match[1]) else _POINTS
        yield _signal("site", pointer, match.span(), weight, match[1])
