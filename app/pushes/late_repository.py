"""Reading and writing what comes to light after submission: words in pictures, trails of links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.db.session import Tx
from app.db.together import write_collected
from app.domain.links import LinkTrail, TrailOutcome
from app.domain.pictures import AigcMark, Code, PictureFacts, Reading, TextLine
from app.domain.push import PushRequest
from app.pushes.models import (
    TEXT_PENDING,
    TRAIL_PENDING,
    assets,
    link_trails,
    picture_texts,
    push_assets,
    pushes,
)


@dataclass(frozen=True, slots=True)
class PictureToRead:
    """A picture whose words nobody has read, with its bytes."""

    sha256: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LinkToFollow:
    """The link of a push that nobody has followed."""

    push_id: str
    url: str


def ask_for_texts(tx: Tx, digests: Iterable[str], at: datetime) -> None:
    """Note that somebody has to read the words of stored pictures; one asked for stays as it is."""
    for sha256 in dict.fromkeys(digests):
        known = select(picture_texts.c.sha256).where(picture_texts.c.sha256 == sha256)
        if tx.execute(known).one_or_none() is None:
            row = {"sha256": sha256, "outcome": Reading.PENDING.value, "lines": [], "asked_at": at}
            tx.execute(picture_texts.insert().values(**row))


def pictures_to_read(tx: Tx, limit: int) -> list[PictureToRead]:
    """Return pictures whose words are wanted, the longest asked for first."""
    query = (
        select(assets.c.sha256, assets.c.data)
        .join(picture_texts, picture_texts.c.sha256 == assets.c.sha256)
        .where(TEXT_PENDING)
        .order_by(picture_texts.c.asked_at)
        .limit(limit)
    )
    return [PictureToRead(row.sha256, row.data) for row in tx.execute(query)]


def store_text(tx: Tx, sha256: str, lines: tuple[TextLine, ...] | None, at: datetime) -> bool:
    """Keep the words of a picture, None where they could not be read; False if another was faster.

    Every push that waits with this picture is due at once.
    """
    outcome = Reading.FAILED if lines is None else Reading.READ
    values = {
        "outcome": outcome.value,
        "lines": [line.to_json() for line in lines or ()],
        "read_at": at,
    }
    mine = picture_texts.update().where(picture_texts.c.sha256 == sha256, TEXT_PENDING)
    if tx.execute(mine.values(**values)).rowcount == 0:
        return False
    shown = select(push_assets.c.push_id).where(push_assets.c.sha256 == sha256)
    _make_due(tx, pushes.c.id.in_(shown), at)
    return True


def pictures_of(tx: Tx, push_id: str) -> tuple[PictureFacts, ...]:
    """Return what is known of the images of a push, in their order."""
    query = (
        select(
            assets.c.sha256,
            assets.c.codes,
            assets.c.aigc,
            picture_texts.c.outcome,
            picture_texts.c.lines,
        )
        .select_from(push_assets)
        .join(assets, push_assets.c.sha256 == assets.c.sha256)
        .outerjoin(picture_texts, picture_texts.c.sha256 == assets.c.sha256)
        .where(push_assets.c.push_id == push_id)
        .order_by(push_assets.c.position)
    )
    return tuple(_picture(row) for row in tx.execute(query))


def ask_for_trail(tx: Tx, push_id: str, url: str, at: datetime) -> None:
    """Note that somebody has to follow the link of a push that was just stored."""
    write_collected(tx)
    row = {"push_id": push_id, "url": url, "outcome": TrailOutcome.PENDING.value, "hops": []}
    tx.execute(link_trails.insert().values(**row, reason="", asked_at=at))


def links_to_follow(tx: Tx, limit: int) -> list[LinkToFollow]:
    """Return links that have to be followed, the longest asked for first."""
    query = select(link_trails.c.push_id, link_trails.c.url).where(TRAIL_PENDING)
    rows = tx.execute(query.order_by(link_trails.c.asked_at).limit(limit))
    return [LinkToFollow(row.push_id, row.url) for row in rows]


def store_trail(tx: Tx, push_id: str, trail: LinkTrail, at: datetime) -> bool:
    """Keep where a link led; False if another was faster. The push is due at once if it waits."""
    mine = link_trails.update().where(link_trails.c.push_id == push_id, TRAIL_PENDING)
    values = {"outcome": trail.outcome.value, "hops": list(trail.hops), "reason": trail.reason}
    if tx.execute(mine.values(**values, followed_at=at)).rowcount == 0:
        return False
    _make_due(tx, pushes.c.id == push_id, at)
    return True


def trail_of(tx: Tx, push_id: str) -> LinkTrail | None:
    """Return where the link of a push led, None if nobody was asked to follow it."""
    query = select(link_trails).where(link_trails.c.push_id == push_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return LinkTrail(TrailOutcome(row.outcome), tuple(row.hops), row.reason)


def known_of(
    tx: Tx, push_id: str, request: PushRequest
) -> tuple[tuple[PictureFacts, ...], LinkTrail | None]:
    """Return what is known of the images of a push, and of where its link leads."""
    pictures = pictures_of(tx, push_id) if request.images else ()
    return pictures, None if request.link is None else trail_of(tx, push_id)


def _make_due(tx: Tx, which: Any, at: datetime) -> None:  # noqa: ANN401 - a condition
    """Let the releaser look at once at pushes in review that wait for what came to light."""
    waiting = pushes.c.state == "in_review"
    tx.execute(pushes.update().where(which, waiting).values(release_at=at))


def _picture(row: Row[Any, Any, Any, Any, Any]) -> PictureFacts:
    codes = None if row.codes is None else tuple(map(Code.from_json, row.codes))
    aigc = None if row.aigc is None else AigcMark.from_json(row.aigc)
    if row.outcome is None:
        return PictureFacts(row.sha256, codes, aigc=aigc)
    lines = tuple(map(TextLine.from_json, row.lines))
    return PictureFacts(row.sha256, codes, Reading(row.outcome), lines, aigc)
