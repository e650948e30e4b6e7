"""Gathering the facts of one push: everything a rule may see, at one moment."""

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.clock import BEIJING, beijing_day
from app.domain.cap_use import CapUse
from app.domain.decision import Ruling
from app.domain.exemptions import Exemption
from app.domain.facts import Facts, HistoryFacts, SourceFacts, Unknown, Versions, values_of
from app.domain.links import LinkTrail
from app.domain.pictures import PICTURE_TEXT, PictureFacts, Reading
from app.domain.policy import Policy
from app.domain.push import PushRequest
from app.domain.registers import AdvertiserFacts
from app.domain.screening import ScreeningReport
from app.domain.values import dataclass
from app.errors import CannotJudge
from app.inspection.links import link_facts
from app.packs.operator_rules import ActiveRules, OperatorRules
from app.packs.service import ActivePack, Packs
from app.policy.service import Policies
from app.providers.facts import provider_facts, surface_facts
from app.providers.register import RegisterSnapshot
from app.providers.service import Register
from app.pushes.bearing import Bearing
from app.pushes.history import History
from app.pushes.judging import read_tables, signals
from app.pushes.past import Asked
from app.rules.limits import RETOLD_DAYS, RETOLD_LIKENESS, TOPIC_LIKENESS
from app.rules.version import rule_set_version
from app.screening.hidden import find_hidden

_OF_SOURCE = ("lead", "author", "editor")
_OF_ADVERTISER = ("credit_code", "category", "approval_number", "evidence")


@dataclass(frozen=True, slots=True)
class Standing:
    """The versioned data in force at one moment, and the register."""

    pack: ActivePack
    own_rules: ActiveRules
    policy: Policy | None
    register: RegisterSnapshot
    rule_set: str
    exemptions: tuple[Exemption, ...] = ()
    uses: tuple[CapUse, ...] = ()

    @property
    def versions(self) -> dict[str, str]:
        """What an outbox row must still agree with when it is dispatched."""
        return {
            "rule_set": self.rule_set,
            "rule_pack": self.pack.version,
            "policy": "" if self.policy is None else self.policy.version,
            "operator_rules": self.own_rules.version,
            "exemptions": ",".join(sorted(one.id for one in self.exemptions)),
        }


@dataclass(frozen=True, slots=True)
class Looking:
    """What this gateway finds out after submission: words in pictures, where links lead."""

    pictures: bool = False
    links: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The push that facts are gathered about, with what is known of its parts."""

    provider_id: str
    submitter: str
    digest: str
    request: PushRequest
    push_id: str = ""
    pictures: tuple[PictureFacts, ...] = ()
    trail: LinkTrail | None = None


NOT_LOOKING: Final = Looking()


class Gatherer:
    """Knows where each fact comes from."""

    def __init__(
        self,
        packs: Packs,
        own_rules: OperatorRules,
        policies: Policies,
        register: Register,
        history: History,
        looking: Looking = NOT_LOOKING,
    ) -> None:
        """Take what answers from memory (the first four at the version last read).

        Reads the tables of the judgements, so that no push waits for them.
        """
        self.looking = looking
        self._packs = packs
        self._own_rules = own_rules
        self._policies = policies
        self._register = register
        self._history = history
        self._bearing = Bearing()
        self._rule_set = rule_set_version()
        read_tables()

    async def standing(self) -> Standing:
        """Return the data in force; CannotJudge when this worker cannot tell."""
        with contextlib.suppress(CannotJudge):
            await self._history.ready()
        while True:
            pack = await self._packs.active()
            standing = Standing(
                pack=pack,
                own_rules=await self._own_rules.active(),
                policy=await self._policies.active(),
                register=await self._register.current(),
                rule_set=self._rule_set,
                exemptions=await self._policies.exemptions.live(),
                uses=await self._policies.uses.open(),
            )
            # Reading the others may have taken a while, and the pack may be another by now.
            if await self._packs.active() is pack:
                return standing

    async def versions(self) -> dict[str, str]:
        """Return what an outbox row has to agree with now; VersionsStale."""
        return (await self.standing()).versions

    def gather(
        self, standing: Standing, subject: Subject, rulings: tuple[Ruling, ...], now: datetime
    ) -> Facts:
        """Return the facts of a push; runs the screening, which takes about 0.1 ms."""
        request = subject.request
        pictures = tuple(map(self._as_read_here, subject.pictures))
        report = standing.pack.screener.screen(
            screened_fields(request, pictures),
            on=beijing_day(now),
            provider=subject.provider_id,
        )
        unseen = [one for field in reviewed_fields(request) for one in find_hidden(*field)]
        tags = _tags(standing.pack, subject, now)
        report = ScreeningReport(
            report.hits,
            (*report.hidden, *unseen),
            report.excused,
            report.word_list_digest,
            report.engine_version,
            signals(request, pictures, listed=bool(report.hits)),
            tags.hits,
            (*report.unread, *tags.unread),
        )
        provider = provider_facts(standing.register, subject.provider_id)
        return Facts(
            now=now,
            push_digest=subject.digest,
            submitter=subject.submitter,
            push=request,
            provider=provider,
            surface=surface_facts(standing.register, request.surface, subject.provider_id),
            source=_source(standing.pack, request),
            screening=report,
            limits=standing.pack.numbers,
            caps=self._bearing.on(standing.policy, request, provider.id),
            rulings=rulings,
            versions=Versions(
                rule_set=standing.rule_set,
                rule_pack=standing.pack.version,
                source_edition="none"
                if standing.pack.sources is None
                else standing.pack.sources.edition,
                word_lists=report.word_list_digest,
                policy="" if standing.policy is None else standing.policy.version,
                operator_rules=standing.own_rules.version,
            ),
            operator_rules=standing.own_rules.rules,
            advertiser=_advertiser(standing.register, request),
            links=link_facts(request, provider.link_domains, pictures),
            pictures=pictures,
            trail=subject.trail,
            history=self._before(standing, subject, now),
        )

    def _before(
        self, standing: Standing, subject: Subject, now: datetime
    ) -> HistoryFacts | Unknown:
        surface = standing.register.surface(subject.request.surface)
        limits = values_of(standing.pack.limits)
        asked = Asked(
            push_id=subject.push_id,
            request=subject.request,
            zone=BEIJING.key if surface is None else surface.time_zone,
            now=now,
            days=limits[RETOLD_DAYS],
            least=limits[RETOLD_LIKENESS],
            topic_least=limits[TOPIC_LIKENESS],
        )
        found = self._history.before(asked)
        return Unknown("history_not_loaded", outage=True) if found is None else found

    def _as_read_here(self, picture: PictureFacts) -> PictureFacts:
        """Nobody waits for words that nobody reads any more."""
        gone = picture.reading is Reading.PENDING and not self.looking.pictures
        return replace(picture, reading=Reading.OFF) if gone else picture


def tag_fields(request: PushRequest) -> tuple[tuple[str, str], ...]:
    """Return (JSON pointer, text) of every tag that recipients were chosen by."""
    tags = enumerate(request.personalisation.tags)
    return tuple((f"/personalisation/tags/{at}", text) for at, text in tags)


def screened_fields(
    request: PushRequest, pictures: tuple[PictureFacts, ...] = ()
) -> tuple[tuple[str, str], ...]:
    """Return (JSON pointer, text) of every field that is searched for listed terms."""
    fields = [("/title", request.title), ("/body", request.body)]
    fields += [(f"/images/{i}/alt", image.alt) for i, image in enumerate(request.images)]
    if request.source is not None:
        named = (("unit", request.source.unit), ("title", request.source.title))
        fields += [(f"/source/{name}", text) for name, text in named if text]
    if request.advertiser is not None:
        fields.append(("/advertiser/name", request.advertiser.name))
    fields.append(("/presentation/provider_name", request.presentation.provider_name))
    if request.presentation.ad_label is not None:
        fields.append(("/presentation/ad_label/text", request.presentation.ad_label.text))
    for number, picture in enumerate(pictures):
        codes = enumerate(picture.codes or ())
        fields += [(f"/images/{number}/codes/{place}", code.text) for place, code in codes]
        fields.append((PICTURE_TEXT.format(number), picture.text))
    return tuple((pointer, text) for pointer, text in fields if text)


def reviewed_fields(request: PushRequest) -> tuple[tuple[str, str], ...]:
    """Return (JSON pointer, text) of the other fields, which a reviewer alone reads.

    They may name what the popup may not say, but what nobody sees in them has to be reported.
    """
    source, advertiser, chosen = request.source, request.advertiser, request.personalisation
    fields = [
        ("/external_id", request.external_id),
        ("/topic", request.topic),
        ("/rehash_reason", request.rehash_reason),
        ("/personalisation/model", chosen.model),
        ("/personalisation/consent_ref", chosen.consent_ref),
        *((f"/personalisation/fields/{at}", text) for at, text in enumerate(chosen.fields)),
        *((f"/personalisation/tags/{at}", text) for at, text in enumerate(chosen.tags)),
    ]
    if source is not None:
        fields += [(f"/source/{name}", getattr(source, name)) for name in _OF_SOURCE]
    if advertiser is not None:
        fields += [(f"/advertiser/{name}", getattr(advertiser, name)) for name in _OF_ADVERTISER]
    return tuple((pointer, text) for pointer, text in fields if text)


def _source(pack: ActivePack, request: PushRequest) -> SourceFacts | Unknown | None:
    if request.source is None:
        return None
    if pack.sources is None:
        return Unknown("no_source_list_published", outage=True)
    return pack.sources.match(request.source)


def _tags(pack: ActivePack, subject: Subject, now: datetime) -> ScreeningReport:
    """Report on what recipients were chosen by, which nobody is shown."""
    fields = tag_fields(subject.request)
    return pack.screener.screen(fields, on=beijing_day(now), provider=subject.provider_id)


def _advertiser(register: RegisterSnapshot, request: PushRequest) -> AdvertiserFacts | None:
    named = request.advertiser
    code = None if named is None else named.credit_code
    return None if code is None else register.advertiser_by_code(code)
