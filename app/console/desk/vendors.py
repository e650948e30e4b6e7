"""What phone vendors will drop of one push, or would have dropped when it was released."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from app.console.session import Visit
from app.delivery.vendors import Vendors
from app.domain.vendor_quotas import VendorForecast
from app.pushes.views import Dossier


@dataclass(frozen=True, slots=True)
class VendorOutlook:
    """The forecast by vendor, as of `at`; `met` counts recipients by outcome once it has left.

    `lines` is empty where nobody has entered the surface's vendors, and `is_known` false where
    the channel alone knows the audience.
    """

    lines: tuple[VendorForecast, ...]
    is_known: bool
    surface_id: str
    at: datetime
    is_released: bool
    met: tuple[tuple[str, int], ...]

    @property
    def dropped(self) -> int:
        """How many of the audience will not get it."""
        return sum(one.dropped for one in self.lines)


async def vendor_outlook(visit: Visit, dossier: Dossier) -> VendorOutlook:
    """Return what is to be said of vendors about a push."""
    push, at = dossier.push, visit.now()
    release = None
    if dossier.release_id is not None:
        release = await visit.services.views.release(dossier.release_id)
    at = at if release is None else release.released_at
    lines: tuple[VendorForecast, ...] = ()
    if push.recipients is not None:
        vendors = Vendors(visit.services.db, visit.services.clock)
        lines = await vendors.forecast(push.surface_id, orjson.loads(push.recipients), at)
    met = (dossier.outcomes or {}).items()
    return VendorOutlook(
        lines=lines,
        is_known=push.recipients is not None,
        surface_id=push.surface_id,
        at=at,
        is_released=release is not None,
        met=tuple((name, number) for name, number in met if number),
    )
