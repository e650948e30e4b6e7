"""What a text screening reports: the stored fact that the rules on content read."""

from enum import StrEnum
from typing import Any, Self

from app.domain.signals import Family, Signal, Span, span_from
from app.domain.unread import Unread
from app.domain.values import dataclass


class Severity(StrEnum):
    """How certain a hit is. `DISGUISED` marks terms only: no hit plainly, else one to `HOLD`."""

    EXACT = "exact"
    HOLD = "hold"
    DISGUISED = "disguised"


class Tier(StrEnum):
    """Which body of law a category belongs to."""

    ILLEGAL = "illegal"
    UNDESIRABLE = "undesirable"
    ADVERTISING = "advertising"


class TermCategory(StrEnum):
    """The closed set of word list categories; each has one file in `wordlists/`."""

    POLITICAL = "political"
    SECURITY = "security"
    GAMBLING = "gambling"
    FRAUD = "fraud"
    PORNOGRAPHY = "pornography"
    DRUGS = "drugs"
    WEAPONS = "weapons"
    FORGED_PAPERS = "forged_papers"
    ILLEGAL_FINANCE = "illegal_finance"
    PERSONAL_DATA_TRADE = "personal_data_trade"
    FALSE_ADVERTISING = "false_advertising"
    CLICK_BAIT = "click_bait"
    HARM_TO_MINORS = "harm_to_minors"
    VULGARITY = "vulgarity"
    DISCRIMINATION = "discrimination"
    SUPERSTITION = "superstition"
    VIOLENCE = "violence"
    GOSSIP = "gossip"
    FLAUNTING = "flaunting"
    UGLINESS = "ugliness"
    DISASTER = "disaster"
    SEXUAL_SUGGESTION = "sexual_suggestion"
    GORE = "gore"
    MINORS_VALUES = "minors_values"
    MINORS_IMAGE = "minors_image"
    MINORS_DATA = "minors_data"

    @property
    def tier(self) -> Tier:
        """Illegal or undesirable content (ecosystem provisions arts. 6 and 7), or advertising."""
        return _TIERS.get(self, Tier.ILLEGAL)


_TIERS = {
    TermCategory.FALSE_ADVERTISING: Tier.ADVERTISING,
    TermCategory.CLICK_BAIT: Tier.UNDESIRABLE,
    TermCategory.HARM_TO_MINORS: Tier.UNDESIRABLE,
    TermCategory.VULGARITY: Tier.UNDESIRABLE,
    TermCategory.DISCRIMINATION: Tier.UNDESIRABLE,
    TermCategory.GOSSIP: Tier.UNDESIRABLE,
    TermCategory.FLAUNTING: Tier.UNDESIRABLE,
    TermCategory.UGLINESS: Tier.UNDESIRABLE,
    TermCategory.DISASTER: Tier.UNDESIRABLE,
    TermCategory.SEXUAL_SUGGESTION: Tier.UNDESIRABLE,
    TermCategory.GORE: Tier.UNDESIRABLE,
    TermCategory.MINORS_VALUES: Tier.UNDESIRABLE,
    TermCategory.MINORS_IMAGE: Tier.UNDESIRABLE,
    TermCategory.MINORS_DATA: Tier.UNDESIRABLE,
}


class Technique(StrEnum):
    """A way in which the original text differs from the plain spelling of the term."""

    WIDTH = "width"
    CASE = "case"
    TRADITIONAL = "traditional"
    STYLE = "style"
    HIDDEN = "hidden"
    COMBINING = "combining"
    SEPARATOR = "separator"
    LOOKALIKE = "lookalike"
    REPEATED = "repeated"
    INSERTED = "inserted"
    PINYIN = "pinyin"
    INITIALS = "initials"
    HOMOPHONE = "homophone"
    SPLIT = "split"
    SHAPE = "shape"

    @property
    def is_evasion(self) -> bool:
        """Whether nobody writes so by accident; width, case and traditional forms are spelling."""
        return self not in _SPELLINGS


_SPELLINGS = frozenset({Technique.WIDTH, Technique.CASE, Technique.TRADITIONAL})


class HiddenKind(StrEnum):
    """Why a character is seen by nobody or misleads whoever sees it."""

    ZERO_WIDTH = "zero_width"
    BIDI = "bidi"
    CONTROL = "control"
    SURROGATE = "surrogate"
    TAG = "tag"
    PRIVATE_USE = "private_use"
    COMBINING = "combining"


class Excuse(StrEnum):
    """Why a place that reads like a term is not a hit."""

    WORD_BORDER = "word_border"
    EXEMPTION = "exemption"


@dataclass(frozen=True, slots=True)
class Hit:
    """One term found in one field.

    `severity` is what this very hit is worth: a term marked exact that was found through an
    evasion technique counts as `HOLD`, since only what is certain may block. `span` is a
    half-open range of code points of the original text; `techniques` is empty for plain writing.
    `clause` is the clause that the word list names, as a hint for the console.
    """

    term: str
    category: TermCategory
    severity: Severity
    pointer: str
    span: Span
    techniques: tuple[Technique, ...]
    list_id: str
    clause: str

    @property
    def is_evasion(self) -> bool:
        """Whether some technique of it is used by nobody but to get past a screen."""
        return any(technique.is_evasion for technique in self.techniques)

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {
            "term": self.term,
            "category": self.category.value,
            "severity": self.severity.value,
            "pointer": self.pointer,
            "span": list(self.span),
            "techniques": [technique.value for technique in self.techniques],
            "list_id": self.list_id,
            "clause": self.clause,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        return cls(
            term=value["term"],
            category=TermCategory(value["category"]),
            severity=Severity(value["severity"]),
            pointer=value["pointer"],
            span=span_from(value["span"]),
            techniques=tuple(Technique(name) for name in value["techniques"]),
            list_id=value["list_id"],
            clause=value["clause"],
        )


@dataclass(frozen=True, slots=True)
class HiddenCharacter:
    """A run of one character that is not seen or misleads; `span` is in the original text."""

    pointer: str
    span: Span
    code_point: int
    name: str
    kind: HiddenKind

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {
            "pointer": self.pointer,
            "span": list(self.span),
            "code_point": self.code_point,
            "name": self.name,
            "kind": self.kind.value,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        return cls(
            pointer=value["pointer"],
            span=span_from(value["span"]),
            code_point=value["code_point"],
            name=value["name"],
            kind=HiddenKind(value["kind"]),
        )


@dataclass(frozen=True, slots=True)
class Excused:
    """A would-be hit that was let go, and by what: the words it cuts through or an exemption."""

    term: str
    category: TermCategory
    pointer: str
    span: Span
    excuse: Excuse
    by: str

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone."""
        return {
            "term": self.term,
            "category": self.category.value,
            "pointer": self.pointer,
            "span": list(self.span),
            "excuse": self.excuse.value,
            "by": self.by,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        return cls(
            term=value["term"],
            category=TermCategory(value["category"]),
            pointer=value["pointer"],
            span=span_from(value["span"]),
            excuse=Excuse(value["excuse"]),
            by=value["by"],
        )


@dataclass(frozen=True, slots=True)
class ScreeningReport:
    """All that the screening found, in the order of the fields and then of the text.

    `word_list_digest` is `sha256:` and 64 hex digits over all lists; with `engine_version` it says
    what a second run has to use. `tags` are hits in what recipients were chosen by, shown nowhere.
    `unread` are the fields that were not looked at to their end.
    """

    hits: tuple[Hit, ...]
    hidden: tuple[HiddenCharacter, ...]
    excused: tuple[Excused, ...]
    word_list_digest: str
    engine_version: str
    signals: tuple[Signal, ...] = ()
    tags: tuple[Hit, ...] = ()
    unread: tuple[Unread, ...] = ()

    def of_category(self, *categories: TermCategory) -> tuple[Hit, ...]:
        """Return the hits of the given categories, in order."""
        return tuple(hit for hit in self.hits if hit.category in categories)

    def of_family(self, family: Family) -> tuple[Signal, ...]:
        """Return the signals of one family, in order."""
        return tuple(signal for signal in self.signals if signal.family is family)

    def to_json(self) -> dict[str, Any]:
        """Return a value of JSON types alone, in a fixed order of keys and items."""
        return {
            "hits": [hit.to_json() for hit in self.hits],
            "hidden": [hidden.to_json() for hidden in self.hidden],
            "excused": [excused.to_json() for excused in self.excused],
            "word_list_digest": self.word_list_digest,
            "engine_version": self.engine_version,
            "signals": [signal.to_json() for signal in self.signals],
            "tags": [hit.to_json() for hit in self.tags],
            "unread": [unread.to_json() for unread in self.unread],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or ValueError on anything else."""
        return cls(
            hits=tuple(Hit.from_json(item) for item in value["hits"]),
            hidden=tuple(HiddenCharacter.from_json(item) for item in value["hidden"]),
            excused=tuple(Excused.from_json(item) for item in value["excused"]),
            word_list_digest=value["word_list_digest"],
            engine_version=value["engine_version"],
            signals=tuple(Signal.from_json(item) for item in value.get("signals", ())),
            tags=tuple(Hit.from_json(item) for item in value.get("tags", ())),
            unread=tuple(Unread.from_json(item) for item in value.get("unread", ())),
        )
