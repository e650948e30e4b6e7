"""What the loops ask of big tables every quarter of a second is answered from an index."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from app.clock import SystemClock
from app.db.session import Database, Tx
from app.delivery import dispatch_repository, inbox_repository
from app.delivery import repository as delivery
from app.pushes import asset_repository
from app.pushes import repository as pushes
from app.review import repository as review
from app.review.states import Reviewer
from app.webhooks import repository as webhooks

NOW = SystemClock().now()
QUESTIONS: dict[str, Callable[[Tx], object]] = {
    "due pushes": lambda tx: pushes.due_pushes(tx, NOW, 50),
    "expired pushes": lambda tx: pushes.expired_pushes(tx, NOW, 50),
    "pushes to settle": lambda tx: delivery.pushes_to_settle(tx, 50),
    "outdated pushes": lambda tx: delivery.outdated_pushes(tx, {"policy": "1"}, 50),
    "due rows": lambda tx: dispatch_repository.any_due(tx, NOW),
    "rows to claim": lambda tx: dispatch_repository.claim_rows(tx, "me", NOW, NOW, 8, ("obx_1",)),
    "due events": lambda tx: webhooks.any_due(tx, NOW),
    "waiting items": lambda tx: inbox_repository.waiting_items(tx, "srf", "r", NOW, 20),
    "next ticket": lambda tx: review.next_ticket(tx, Reviewer("stf", frozenset({"prv"})), NOW),
    "own claims": lambda tx: review.live_claims(tx, "stf", NOW),
    "old answers": lambda tx: pushes.forget_answers(tx, NOW, 500),
    "a released image": lambda tx: asset_repository.was_released(tx, "0" * 64),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_question_of_a_loop_reads_a_whole_table(sqlite_url: str, question: str) -> None:
    db = Database(sqlite_url)
    asked: list[tuple[str, Any]] = []

    def work(tx: Tx) -> list[str]:
        def note(*args: Any) -> None:  # noqa: ANN401 - what the driver is told
            asked.append((args[2], args[3]))

        event.listen(tx, "before_cursor_execute", note)
        QUESTIONS[question](tx)
        event.remove(tx, "before_cursor_execute", note)
        plans = []
        for statement, values in asked:
            rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans += [str(row[3]) for row in rows]
        return plans

    plans = await db.write(work)
    await db.close()
    assert plans
    scans = [plan for plan in plans if plan.startswith("SCAN") and "USING" not in plan]
    assert scans == []
