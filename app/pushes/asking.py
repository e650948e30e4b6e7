"""Storing the parts of a push, and noting what somebody has to find out about them."""

from app.db.session import Tx
from app.pushes.asset_repository import insert_assets
from app.pushes.deciding import Prepared
from app.pushes.late_repository import ask_for_texts, ask_for_trail


def store_parts(tx: Tx, prepared: Prepared) -> None:
    """Store the images of a push that is stored itself; ask for their words and for its link.

    Nobody is asked where that is switched off, or about a push that is blocked.
    """
    push, images = prepared.push, prepared.parts.images
    if images:
        insert_assets(tx, push.id, images, push.submitted_at)
    if images and prepared.asks_for_texts:
        ask_for_texts(tx, (image.sha256 for image in images), push.submitted_at)
    if prepared.asks_for_trail is not None:
        ask_for_trail(tx, push.id, prepared.asks_for_trail, push.submitted_at)
