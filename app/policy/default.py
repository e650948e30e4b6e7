"""The policy that ships: conservative numbers, each with where it comes from."""

from app.domain.policy import DailyCap
from app.domain.push import ContentKind

_VENDORS = (
    "Huawei, Honor, OPPO and vivo message classes, 2024 to 2026: {} a device and day"
    " (vendor contracts, not law)"
)

DEFAULT_CAPS = (
    DailyCap("all-5", None, None, 5, "at most as many in all as the news class alone", house=True),
    DailyCap("news-5", None, ContentKind.NEWS, 5, _VENDORS.format("news 5"), house=False),
    DailyCap("ads-2", None, ContentKind.ADVERTISEMENT, 2, _VENDORS.format("others 2"), house=False),
    DailyCap("general-2", None, ContentKind.GENERAL, 2, _VENDORS.format("others 2"), house=False),
)
