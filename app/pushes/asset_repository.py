"""Reading and writing the images of pushes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.db.session import Tx
from app.db.together import write_collected
from app.delivery.models import releases
from app.pushes.models import assets, push_assets
from app.pushes.parts import ImageBytes
from app.pushes.records import StoredAsset


def insert_assets(tx: Tx, push_id: str, images: Iterable[ImageBytes], at: datetime) -> None:
    """Store the images of a push, which has to be stored before; the same bytes once."""
    write_collected(tx)
    for position, image in enumerate(images):
        seen = _seen(image)
        one = assets.c.sha256 == image.sha256
        held = tx.execute(select(assets.c.codes, assets.c.aigc).where(one)).one_or_none()
        if held is not None:
            # It was stored before anybody looked for these.
            news = {name: value for name, value in seen.items() if held._mapping[name] is None}  # noqa: SLF001 - public name
            news = {name: value for name, value in news.items() if value is not None}
            if news:
                tx.execute(assets.update().where(one).values(**news))
        if held is None:
            tx.execute(
                assets.insert().values(
                    sha256=image.sha256,
                    media_type=image.media_type,
                    width=image.width,
                    height=image.height,
                    data=image.data,
                    created_at=at,
                    **seen,
                )
            )
        tx.execute(
            push_assets.insert().values(push_id=push_id, position=position, sha256=image.sha256)
        )


def _seen(image: ImageBytes) -> dict[str, Any]:
    """Return what was found in an image as its columns keep it."""
    return {
        "codes": None if image.codes is None else [one.to_json() for one in image.codes],
        "aigc": None if image.aigc is None else image.aigc.to_json(),
    }


def asset(tx: Tx, sha256: str) -> StoredAsset | None:
    """Return an image by its digest (hex)."""
    row = tx.execute(select(assets).where(assets.c.sha256 == sha256)).one_or_none()
    return None if row is None else StoredAsset(row.sha256, row.media_type, row.data)


def was_released(tx: Tx, sha256: str) -> bool:
    """Tell whether some released push shows an image."""
    query = (
        select(push_assets.c.push_id)
        .join(releases, releases.c.push_id == push_assets.c.push_id)
        .where(push_assets.c.sha256 == sha256)
    )
    return tx.execute(query.limit(1)).one_or_none() is not None
