"""What authoring and publishing share: moving a pack from state to state, and noting it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.packs import pack_repository as repository
from app.packs.content import Item, PackContent
from app.packs.pack_repository import RulePack
from app.packs.states import FOLLOWS, PackState

LONGEST_TITLE: Final = 100
LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True)
class PackView:
    """A pack, what it says, what the one in force says, and who changed it."""

    pack: RulePack
    content: PackContent
    active: RulePack | None
    active_content: PackContent
    editors: frozenset[str]

    @property
    def authors(self) -> frozenset[str]:
        """Everybody who may neither approve nor publish it."""
        proposer = {self.pack.proposed_by} if self.pack.proposed_by is not None else set()
        return self.editors | {self.pack.created_by} | proposer


def pack_view(tx: Tx, pack_id: str) -> PackView:
    """Return a pack with what it says and what is in force; NotFound."""
    pack = must_exist(repository.pack_by_id(tx, pack_id))
    active = repository.active_pack(tx)
    return PackView(
        pack,
        PackContent.read(repository.items_of(tx, pack.id)),
        active,
        PackContent() if active is None else PackContent.read(repository.items_of(tx, active.id)),
        repository.editors(tx, pack.id),
    )


def with_items(content: PackContent, items: Iterable[Item]) -> PackContent:
    """Return a content with some items in place of those about the same."""
    by_key = {item.key: item for item in content.items}
    by_key.update((item.key, item) for item in items)
    return PackContent.read(by_key.values())


def must_exist(pack: RulePack | None) -> RulePack:
    """Return the pack; NotFound when there is none."""
    if pack is None:
        raise NotFound(Words("没有这份规则包", "There is no such rule pack"))
    return pack


def moved(tx: Tx, pack_id: str, to: PackState) -> RulePack:
    """Return the pack, locked, in its next state; nothing is written yet.

    NotFound, or Conflict when that state does not follow its own.
    """
    pack = must_exist(repository.pack_by_id(tx, pack_id))
    if to not in FOLLOWS[pack.state]:
        words = Words(
            "规则包的状态已变化，请刷新后再试",
            f"A rule pack that is {pack.state.value} cannot become {to.value}",
        )
        raise Conflict(words, code="wrong_state")
    return replace(pack, state=to)


def must_be_revision(pack: RulePack, revision: int) -> None:
    """Raise Conflict when the pack has been changed since it was looked at."""
    if pack.revision != revision:
        words = Words("规则包已被修改，请重新查看", "The rule pack was changed; look at it again")
        raise Conflict(words, code="changed_meanwhile")


def must_be_second(tx: Tx, pack: RulePack, staff_id: str) -> None:
    """Raise Forbidden for everybody who began, changed or proposed the pack."""
    if staff_id in {pack.created_by, pack.proposed_by, *repository.editors(tx, pack.id)}:
        words = Words(
            "编写、修改或提交过这份规则包的人不能批准或发布它，须由另一位管理员办理",
            "Whoever wrote, changed or proposed the pack neither approves nor publishes it; "
            "another admin has to",
        )
        raise Forbidden(words)


def note_pack(
    tx: Tx, kind: AuditKind, pack: RulePack, by: str, at: datetime, **more: object
) -> None:
    """Append what was done with a pack to the ledger."""
    record(
        tx,
        at,
        kind,
        Actor(ActorKind.STAFF, by),
        pack.id,
        number=pack.number,
        revision=pack.revision,
        digest=pack.digest,
        **more,
    )


def check_title(title: str) -> None:
    """Raise Invalid unless a pack may be called so."""
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
        words = Words(
            f"名称须为 1 至 {LONGEST_TITLE} 个可见字符",
            f"A pack is named with 1 to {LONGEST_TITLE} printable characters",
        )
        raise Invalid(problems=(FieldProblem("/title", "bad_title", words),))


def check_note(note: str, *, pointer: str = "/note", required: bool = False) -> None:
    """Raise Invalid for a note or reason that is too long, or missing where one is needed."""
    if required and not note.strip():
        words = Words("请填写理由", "Give a reason")
        raise Invalid(problems=(FieldProblem(pointer, "missing", words),))
    if len(note) > LONGEST_NOTE or "\0" in note:
        words = Words(f"最多 {LONGEST_NOTE} 个字", f"At most {LONGEST_NOTE} characters")
        raise Invalid(problems=(FieldProblem(pointer, "too_long", words),))
