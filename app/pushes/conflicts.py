"""Refusals of a submission: a key or an id that is used already, a push that cannot be replaced."""

from datetime import datetime, timedelta

from app.db.session import Tx
from app.errors import Conflict, FieldProblem, Words
from app.pushes import repository
from app.pushes.parts import Answer, IdempotencyKey
from app.pushes.records import StoredAnswer, StoredPush

ANSWER_KEPT = timedelta(hours=72)


def _external_id_used(push_id: str) -> Conflict:
    """Return the refusal of an own id that another push of the provider has."""
    return Conflict(
        Words(
            "external_id 已被使用；如要替换，请在 replaces 中写明该推送",
            "The external_id is in use; name that push in `replaces` to replace it",
        ),
        code="external_id_used",
        problems=(FieldProblem("/external_id", "used", Words("已被使用", "It is in use")),),
        extra={"push": push_id},
    )


def replayed(used: StoredAnswer, key: IdempotencyKey, now: datetime) -> Answer:
    """Return the stored answer of a key; Conflict for another body, or after 72 hours."""
    if used.body_hash != key.body_hash:
        raise Conflict(
            Words(
                "同一 Idempotency-Key 已用于另一请求体",
                "The Idempotency-Key was used with another body",
            ),
            code="idempotency_key_reused",
            extra={"push": used.push_id},
        )
    if used.answer is None or now - used.created_at >= ANSWER_KEPT:
        raise Conflict(
            Words(
                "该 Idempotency-Key 的应答已过 72 小时保存期；请按推送编号查询",
                "The answer of this Idempotency-Key is older than 72 hours; look the push up",
            ),
            code="idempotency_key_expired",
            extra={"push": used.push_id},
        )
    return Answer(used.status, used.answer)


def _cannot_replace(code: str, zh: str, en: str) -> Conflict:
    """Return the refusal of what `replaces` names."""
    problem = FieldProblem("/replaces", code, Words(zh, en))
    return Conflict(Words(zh, en), code=code, problems=(problem,))


def room_for(tx: Tx, push: StoredPush) -> StoredPush | None:
    """Return the push that a new one replaces, locked; Conflict where that or its id cannot be."""
    old = None if push.replaces is None else _replaceable(tx, push, push.replaces)
    if push.external_id is not None:
        held = repository.push_by_external_id(tx, push.provider_id, push.external_id)
        if held is not None and held.id != push.replaces:
            raise _external_id_used(held.id)
    return old


def _replaceable(tx: Tx, push: StoredPush, replaced: str) -> StoredPush:
    old = repository.lock_push(tx, replaced)
    if old is None or old.provider_id != push.provider_id:
        raise _cannot_replace("unknown_push", "没有这条推送", "There is no such push")
    if old.superseded_by is not None:
        raise _cannot_replace(
            "already_replaced", "该推送已被替换", "The push has been replaced already"
        )
    return old
