"""All that a rule may see: gathered first, frozen, stored with the decision."""

from datetime import date, datetime
from enum import StrEnum

from app.domain.decision import Ruling
from app.domain.links import LinkFacts, LinkTrail
from app.domain.operator import OperatorRule
from app.domain.pictures import PictureFacts
from app.domain.policy import Cap, DailyCap
from app.domain.push import PushRequest
from app.domain.registers import NOTHING_ON_FILE, AdvertiserFacts, OnFile
from app.domain.screening import ScreeningReport
from app.domain.values import dataclass
from app.domain.worked_out import WorkedOut


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that could not be had, with the reason; never the same as "no".

    `outage` means that it may be had later; otherwise it is unknowable.
    """

    unknown_reason: str
    outage: bool


NEWS_LICENCE = "internet_news"
"""The `kind` of the internet news information service licence."""


class NewsService(StrEnum):
    """What a news licence covers (News Service Provisions art. 5); in `Licence.services`."""

    GATHERING = "gathering"
    REPRINTING = "reprinting"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence or approval of a provider, valid from and to a day, both included."""

    kind: str
    number: str
    services: tuple[str, ...]
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What the register knows of the provider."""

    id: str
    legal_name: str
    display_name: str
    suspended: bool
    link_domains: tuple[str, ...]
    licences: tuple[Licence, ...]
    on_file: OnFile = NOTHING_ON_FILE


@dataclass(frozen=True, slots=True)
class SurfaceFacts:
    """What the register knows of the surface; `granted` is whether this provider may use it.

    `form` is app, browser, system, device or site, empty in facts of before it was gathered.
    """

    id: str
    name: str
    granted: bool
    time_zone: str
    complaint_contact: str
    app_category: str
    channel: str
    form: str = ""
    elderly_mode: bool = False
    for_minors: bool = False


class DomainMatch(StrEnum):
    """How the source's address relates to the domains registered for its unit."""

    MATCHES = "matches"
    DIFFERS = "differs"
    UNIT_HAS_NONE = "unit_has_none"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the pinned edition of the source list says of a news push's source.

    `unit` is the listed name that matched, by name or by `alias`; None if none did.
    """

    edition: str
    unit: str | None
    by_alias: bool
    domain: DomainMatch
    unit_domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierPush:
    """An earlier push that tells the same story; `likeness` in hundredths of the whole."""

    push_id: str
    likeness: int
    submitted_at: datetime
    released: bool


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """What was pushed before this push, itself and those that it replaces left out.

    `retold` are pushes on the surface with the same story, the likest first; `on_topic` counts
    those of the surface's day on the same topic, by its name or by likeness; the others count
    what has been released on the surface's day, by kind of content.
    """

    retold: tuple[EarlierPush, ...] = ()
    on_topic: int = 0
    news_today: int = 0
    advertisements_today: int = 0
    general_today: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that rules read, with its own citation."""

    name: str
    value: int
    unit: str
    source: str
    house: bool


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps that bear on this push, those not yet in force too."""

    policy: str
    caps: tuple[Cap | DailyCap, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """Which versions of code and data a decision was made with."""

    rule_set: str
    rule_pack: str
    source_edition: str
    word_lists: str
    policy: str
    operator_rules: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One frozen value with everything that a decision depends on."""

    now: datetime
    push_digest: str
    submitter: str
    push: PushRequest
    provider: ProviderFacts
    surface: SurfaceFacts | Unknown
    source: SourceFacts | Unknown | None
    screening: ScreeningReport | Unknown
    limits: tuple[Limit, ...]
    caps: Caps | Unknown
    rulings: tuple[Ruling, ...]
    versions: Versions
    # What the register has under the advertiser's credit code; None if it has nothing.
    advertiser: AdvertiserFacts | None = None
    operator_rules: tuple[OperatorRule, ...] = ()
    # Every address of the push, worked out: its link first, those in its words, in its codes.
    links: tuple[LinkFacts, ...] = ()
    history: HistoryFacts | Unknown | None = None
    pictures: tuple[PictureFacts, ...] = ()
    # None where nobody follows links, or there is none to follow.
    trail: LinkTrail | None = None

    def limit(self, name: str) -> int:
        """Return the rule pack's number called `name`; KeyError if the pack lacks it."""
        return values_of(self.limits)[name]


@WorkedOut
def values_of(limits: tuple[Limit, ...]) -> dict[str, int]:
    """Return a pack's numbers by name."""
    return {limit.name: limit.value for limit in limits}
