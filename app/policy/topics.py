"""The register of topics: two admins enter one before a cap may name it; one may retire it."""

from dataclasses import dataclass
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.policy import topic_repository as rows
from app.policy.topic_repository import RegisteredTopic

LONGEST_NAME: Final = 64
LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class NewTopic:
    """What somebody wants registered: the name in pushes, what people call it, and why."""

    name: str
    zh: str
    en: str
    reason: str


class Topics:
    """Commands on the register; each writes what it did into the ledger."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read and write the database only: nothing at a push asks for a topic's entry."""
        self._db = db
        self._clock = clock

    async def all(self) -> list[RegisteredTopic]:
        """Return every topic there ever was, the newest first."""
        return await self._db.read(rows.all_topics)

    async def propose(self, staff_id: str, new: NewTopic) -> RegisteredTopic:
        """Keep a draft; Invalid names what is wrong, a name that stands already too."""
        _check(new)

        def work(tx: Tx) -> RegisteredTopic:
            topic = RegisteredTopic(
                new_id("top"), new.name, new.zh, new.en, new.reason, "draft", staff_id,
                self._clock.now(),
            )  # fmt: skip
            rows.insert_topic(tx, topic)
            self._record(tx, AuditKind.TOPIC_PROPOSED, topic, staff_id, new.reason)
            return topic

        return await self._db.write(work)

    async def approve(self, topic_id: str, staff_id: str) -> None:
        """Register a draft; Forbidden for the admin who proposed it."""

        def work(tx: Tx) -> None:
            topic = _in_state(rows.topic_by_id(tx, topic_id), "draft")
            if topic.proposed_by == staff_id:
                raise Forbidden(
                    Words(
                        "提出人不能批准自己的话题，须由另一位管理员批准",
                        "Whoever proposed the topic cannot approve it; another admin has to",
                    )
                )
            now = self._clock.now()
            rows.change_topic(tx, topic_id, state="active", approved_by=staff_id, approved_at=now)
            self._record(tx, AuditKind.TOPIC_REGISTERED, topic, staff_id, topic.reason)

        await self._db.write(work)

    async def discard(self, topic_id: str, staff_id: str) -> None:
        """Drop a draft."""

        def work(tx: Tx) -> None:
            topic = _in_state(rows.topic_by_id(tx, topic_id), "draft")
            rows.change_topic(tx, topic_id, state="discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, topic, staff_id, topic.reason)

        await self._db.write(work)

    async def retire(self, topic_id: str, staff_id: str, reason: str) -> None:
        """Let no new cap name it; caps that do go on as they are. One admin may."""
        _check_reason(reason)

        def work(tx: Tx) -> None:
            topic = _in_state(rows.topic_by_id(tx, topic_id), "active")
            rows.change_topic(
                tx,
                topic_id,
                state="retired",
                retired_by=staff_id,
                retired_at=self._clock.now(),
                retire_reason=reason,
            )
            self._record(tx, AuditKind.TOPIC_RETIRED, topic, staff_id, reason)

        await self._db.write(work)

    def _record(
        self, tx: Tx, kind: AuditKind, topic: RegisteredTopic, by: str, reason: str
    ) -> None:
        actor = Actor(ActorKind.STAFF, by)
        now = self._clock.now()
        words = {"zh": topic.zh, "en": topic.en}
        record(tx, now, kind, actor, topic.id, name=topic.name, words=words, reason=reason)


def _in_state(topic: RegisteredTopic | None, state: str) -> RegisteredTopic:
    if topic is None:
        raise NotFound(Words("没有这个话题", "There is no such topic"))
    if topic.state != state:
        raise Conflict(
            Words("话题的状态已经变了，请刷新", "The topic's state has changed; look again"),
            code="topic_changed",
        )
    return topic


def _check(new: NewTopic) -> None:
    words = Words(
        f"须为 1 到 {LONGEST_NAME} 个可见字符，首尾不留空格",
        f"1 to {LONGEST_NAME} printable characters, no spaces around them",
    )
    named = (("/name", new.name), ("/title_zh", new.zh), ("/title_en", new.en))
    problems = [
        FieldProblem(pointer, "bad_text", words)
        for pointer, text in named
        if not (text.isprintable() and text == text.strip() and 0 < len(text) <= LONGEST_NAME)
    ]
    try:
        _check_reason(new.reason)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems=tuple(problems))


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON or "\0" in reason:
        words = Words(
            f"请填写理由，最多 {LONGEST_REASON} 个字",
            f"A reason is required, at most {LONGEST_REASON} characters",
        )
        raise Invalid(problems=(FieldProblem("/reason", "required", words),))
