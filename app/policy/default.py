"""The policy that ships: conservative numbers, each with where it comes from."""

from app.domain.policy import A_DAY, Cap, Covers
from app.domain.push import ContentKind

_VENDORS = (
    "Huawei, Honor, OPPO and vivo message classes, 2024 to 2026: {} a device and day"
    " (vendor contracts, not law)"
)

DEFAULT_CAPS = (
    Cap("all-5", 5, A_DAY, source="at most as many in all as the news class alone"),
    Cap(
        "news-5", 5, A_DAY, Covers(kinds=(ContentKind.NEWS,)), source=_VENDORS.format("news 5"),
        house=False,
    ),
    Cap(
        "ads-2", 2, A_DAY, Covers(kinds=(ContentKind.ADVERTISEMENT,)),
        source=_VENDORS.format("others 2"), house=False,
    ),
    Cap(
        "general-2", 2, A_DAY, Covers(kinds=(ContentKind.GENERAL,)),
        source=_VENDORS.format("others 2"), house=False,
    ),
)  # fmt: skip
