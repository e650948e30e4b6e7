"""Reading and writing outcome events."""

from app.db.session import Tx
from app.webhooks.events import OutcomeEvent
from app.webhooks.models import outcome_events


def insert_event(tx: Tx, event: OutcomeEvent) -> None:
    """Queue an event in the transaction of the change that it tells of."""
    tx.execute(
        outcome_events.insert(),
        [
            {name: getattr(event, name) for name in OutcomeEvent.__dataclass_fields__}
            | {"state": "pending", "attempts": 0, "next_at": event.created_at}
        ],
    )
