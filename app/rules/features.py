"""What a push has to have for some rules to have anything to say about it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from app.domain.facts import Facts, Unknown
from app.domain.push import Personalisation
from app.domain.screening import ScreeningReport
from app.domain.signals import ORDINARY, Family


class Feature(StrEnum):
    """Something that many pushes lack: text that was noticed, links, pictures, personalisation."""

    CONTENT = "content"
    CLAIMS = "claims"
    SELLING = "selling"
    TITLE = "title"
    CONTACT = "contact"
    LINKS = "links"
    PICTURES = "pictures"
    PERSONALISATION = "personalisation"


_OF_FAMILY: Final = {
    Family.CONTENT: Feature.CONTENT,
    Family.CLAIM: Feature.CLAIMS,
    Family.ADVERTISING: Feature.SELLING,
    Family.TITLE: Feature.TITLE,
    Family.CONTACT: Feature.CONTACT,
}
_OF_TEXT: Final = frozenset(_OF_FAMILY.values())
_NOT_PERSONALISED: Final = Personalisation(False, None, (), (), None)


def features_of(facts: Facts) -> frozenset[Feature]:
    """Return the features of a push; one whose text was not screened may have any in its text."""
    report, push = facts.screening, facts.push
    found = set(_OF_TEXT) if isinstance(report, Unknown) else set(_of_report(report))
    if facts.links or push.link is not None or facts.trail is not None:
        found.add(Feature.LINKS)
    if facts.pictures or push.images:
        found.add(Feature.PICTURES)
    if push.personalisation != _NOT_PERSONALISED:
        found.add(Feature.PERSONALISATION)
    return frozenset(found)


def _of_report(report: ScreeningReport) -> Iterator[Feature]:
    for one in report.signals:
        # The manner of the whole may speak for anything that is said in words.
        if one.family is not Family.MANNER:
            yield _OF_FAMILY[one.family]
        elif one.kind != ORDINARY:
            yield from _OF_TEXT
    if report.hits:
        yield Feature.CONTENT
    if report.tags:
        yield Feature.PERSONALISATION
