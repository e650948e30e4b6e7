"""Publishing editions of the source list, and the rule pack that decisions are made with."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.engines import long_work
from app.db.session import Database, Tx
from app.db.versions import Followed, VersionWatch, bump
from app.domain.facts import Limit
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.packs import repository
from app.packs.importing import EditionDiff, compare, parse_csv
from app.packs.limits import LimitsFile, load_limits
from app.packs.loading import PACKS, SHIPPED, Loaded, PackLoader
from app.packs.numbers import Numbers, changed_on
from app.packs.repository import Edition
from app.packs.sources import SourceList, Unit, build_source_list, name_key, shipped_aliases
from app.screening.screener import Screener

SOURCES = "sources"
_LONGEST_LABEL = 40
_LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class ActivePack:
    """The data that rules read, at one version; `sources` is None until one is published.

    `shadow` is the staged pack, whose hits are noted and decide nothing. `numbers` are the limits
    as facts keep them, without the words on where each comes from: those stand under the version.
    """

    version: str
    limits: tuple[Limit, ...]
    numbers: tuple[Limit, ...]
    sources: SourceList | None
    screener: Screener
    shadow: Loaded | None = None
    in_force: str = SHIPPED
    """The id of the operator's pack in force; empty for the shipped lists alone."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An imported edition that is not in force, and what publishing it would change."""

    edition: Edition
    diff: EditionDiff
    left_out: dict[str, int]


class Packs:
    """Editions of the source list and the active rule pack."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock, screener: Screener) -> None:
        """`screener` is the one over the shipped lists, which packs are laid over."""
        self._db = db
        self._clock = clock
        self._limits = load_limits()
        self._aliases = shipped_aliases()
        self.loader = PackLoader(db, watch, clock, screener, self._limits.limits)
        self._sources = Followed(db, watch, SOURCES, self._load)
        self._changed_on = Followed(db, watch, PACKS, changed_on)
        self._composed: tuple[Loaded, Loaded | None, SourceList | None, ActivePack] | None = None

    async def active(self) -> ActivePack:
        """Return the pack in force; CannotJudge when this worker cannot tell or has not got it.

        The same value as long as nothing changes: lists, numbers and sources at one version.
        """
        words = await self.loader.active()
        sources = await self._sources.get()
        shadow = self.loader.staged
        held = self._composed
        if held is not None and held[0] is words and held[1] is shadow and held[2] is sources:
            return held[3]
        version = pack_version(self._limits, words, sources)
        pack = ActivePack(
            version,
            words.limits,
            tuple(replace(limit, unit="", source="") for limit in words.limits),
            sources,
            words.screener,
            shadow,
            words.pack_id,
        )
        self._composed = (words, shadow, sources, pack)
        return pack

    async def numbers(self) -> Numbers:
        """Return the numbers in force, each with the day since when it is what it is."""
        pack = await self.active()
        changed = await self._changed_on.get()
        return Numbers(pack.version, pack.limits, {**self._limits.since, **changed})

    async def import_sources(self, staff_id: str, label: str, data: bytes, note: str) -> Draft:
        """Read a CSV edition and keep it as a draft; Invalid names the bad lines."""
        _check_words(label, note)
        parsed = parse_csv(data)
        listed = build_source_list(label, parsed.units, self._aliases)
        edition = Edition(
            id=new_id("src"),
            edition=label,
            digest=listed.digest,
            unit_count=len(parsed.units),
            state="draft",
            note=note,
            imported_by=staff_id,
            imported_at=self._clock.now(),
            published_by=None,
            published_at=None,
        )

        @long_work
        def work(tx: Tx) -> EditionDiff:
            repository.insert_edition(tx, edition, parsed.units)
            self._record(
                tx,
                AuditKind.SOURCE_LIST_IMPORTED,
                edition,
                staff_id,
                units=len(parsed.units),
                left_out=dict(parsed.left_out),
            )
            return _diff(tx, parsed.units)

        return Draft(edition, await self._db.write(work), dict(parsed.left_out))

    async def editions(self) -> list[Edition]:
        """Return the newest editions first."""
        return await self._db.read(repository.editions)

    async def draft(self, edition_id: str) -> Draft:
        """Return an edition with its difference from the one in force; NotFound."""

        def work(tx: Tx) -> Draft:
            edition = _must_exist(repository.edition_by_id(tx, edition_id))
            return Draft(edition, _diff(tx, repository.units_of(tx, edition_id)), {})

        return await self._db.read(work)

    async def search_units(
        self, edition_id: str, text: str, status: str | None, limit: int = 200
    ) -> tuple[list[Unit], int]:
        """Return matching units of an edition and their number."""
        return await self._db.read(
            lambda tx: repository.search_units(tx, edition_id, text, status, limit)
        )

    async def confirm_units(self, edition_id: str, names: Iterable[str], staff_id: str) -> int:
        """Confirm units of a draft that its file does not vouch for; return how many changed."""
        wanted = sorted(set(names))

        def work(tx: Tx) -> int:
            edition = _must_be_draft(repository.edition_by_id(tx, edition_id))
            now = self._clock.now()
            changed = repository.confirm_units(tx, edition_id, wanted, staff_id, now)
            units = repository.units_of(tx, edition_id)
            digest = build_source_list(edition.edition, units, self._aliases).digest
            repository.set_edition_digest(tx, edition_id, digest)
            edition = replace(edition, digest=digest)
            self._record(tx, AuditKind.SOURCE_UNIT_CONFIRMED, edition, staff_id, names=wanted)
            return changed

        return await self._db.write(work)

    async def publish(self, edition_id: str, staff_id: str) -> Edition:
        """Put a draft in force; Forbidden for whoever imported or confirmed it (two persons)."""

        def work(tx: Tx) -> Edition:
            edition = _must_be_draft(repository.edition_by_id(tx, edition_id))
            if staff_id in {edition.imported_by, *repository.confirmers(tx, edition_id)}:
                raise Forbidden(
                    Words(
                        "导入或确认过该名单的人不能发布它，须由另一位管理员发布",
                        "Whoever imported or confirmed the list cannot publish it; another "
                        "admin has to",
                    )
                )
            repository.publish_edition(tx, edition_id, staff_id, self._clock.now())
            bump(tx, SOURCES, self._clock)
            self._record(tx, AuditKind.SOURCE_LIST_PUBLISHED, edition, staff_id)
            return edition

        return await self._db.write(work)

    async def discard(self, edition_id: str, staff_id: str) -> None:
        """Drop a draft; its rows stay for the record."""

        def work(tx: Tx) -> None:
            edition = _must_be_draft(repository.edition_by_id(tx, edition_id))
            repository.set_edition_state(tx, edition_id, "discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, edition, staff_id)

        await self._db.write(work)

    def _load(self, tx: Tx) -> SourceList | None:
        edition = repository.active_edition(tx)
        if edition is None:
            return None
        units = repository.units_of(tx, edition.id)
        return build_source_list(edition.edition, units, self._aliases)

    def _record(self, tx: Tx, kind: AuditKind, edition: Edition, by: str, **more: object) -> None:
        record(
            tx,
            self._clock.now(),
            kind,
            Actor(ActorKind.STAFF, by),
            edition.id,
            edition=edition.edition,
            digest=edition.digest,
            **more,
        )


def pack_version(limits: LimitsFile, words: Loaded, sources: SourceList | None) -> str:
    """Name the data that rules read: versions of limits, word lists, pack and source list.

    Without a pack of the operator's its part is absent.
    """
    lists = short(words.screener.word_list_digest)
    own = f"+pack.{words.number}.{short(words.digest)}" if words.number else ""
    edition = "none" if sources is None else sources.edition
    return f"{limits.version}+words.{lists}{own}+sources.{edition}"


def short(digest: str) -> str:
    """Return the first twelve hex digits of a digest, as versions carry them."""
    return digest.removeprefix("sha256:")[:12]


def _diff(tx: Tx, units: Iterable[Unit]) -> EditionDiff:
    active = repository.active_edition(tx)
    before = [] if active is None else repository.units_of(tx, active.id)
    return compare(
        {name_key(unit.name): unit for unit in before},
        {name_key(unit.name): unit for unit in units},
    )


def _check_words(label: str, note: str) -> None:
    if not label.strip() or len(label) > _LONGEST_LABEL or not label.isprintable():
        words = Words(
            f"版本名须为 1 至 {_LONGEST_LABEL} 个可见字符",
            f"An edition is named with 1 to {_LONGEST_LABEL} printable characters",
        )
        raise Invalid(problems=(FieldProblem("/edition", "bad_label", words),))
    if len(note) > _LONGEST_NOTE or "\0" in note:
        words = Words(
            f"说明最多 {_LONGEST_NOTE} 个字", f"A note has at most {_LONGEST_NOTE} characters"
        )
        raise Invalid(problems=(FieldProblem("/note", "too_long", words),))


def _must_exist(edition: Edition | None) -> Edition:
    if edition is None:
        raise NotFound(Words("没有这份名单", "There is no such edition"))
    return edition


def _must_be_draft(edition: Edition | None) -> Edition:
    found = _must_exist(edition)
    if found.state != "draft":
        raise Conflict(
            Words("该名单已不是草稿", "The edition is no longer a draft"), code="not_a_draft"
        )
    return found
