"""The policy that ships: conservative numbers, each with where it comes from."""

from typing import Final

from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Covers, Mode, Over, QuietHours
from app.domain.push import ContentKind

_VENDORS: Final = (
    "华为、荣耀、OPPO、vivo 消息分类（2024 至 2026 年，厂商合同而非法规）：{}条/设备/日 · "
    "Huawei, Honor, OPPO and vivo message classes (vendor contracts, not law): {} a device and day"
)
_NIGHT: Final = (
    "vivo 运营类消息只在 07:00—23:00 展示，华为、荣耀 00:00—06:00 不展示（厂商文档） · "
    "vivo shows operation messages 07:00 to 23:00 only, Huawei and Honor none at night"
)


def _of(kind: ContentKind) -> Covers:
    return Covers(kinds=(kind,))


DEFAULT_CAPS: Final = (
    Cap(
        "all-5", 5, A_DAY, source="总数不多于新闻一类 · no more in all than of the news class alone"
    ),
    Cap(
        "week-20",
        20,
        Calendar(CalendarUnit.WEEK),
        source="平均每天不到三条 · fewer than three a day on average",
    ),
    Cap("news-5", 5, A_DAY, _of(ContentKind.NEWS), source=_VENDORS.format(5, 5), house=False),
    Cap(
        "ads-2", 2, A_DAY, _of(ContentKind.ADVERTISEMENT), source=_VENDORS.format(2, 2), house=False
    ),
    Cap("general-2", 2, A_DAY, _of(ContentKind.GENERAL), source=_VENDORS.format(2, 2), house=False),
    # A shadow, so that an admin sees what the night would cost before anything has to wait.
    Cap(
        "night",
        0,
        QuietHours(23 * 60, 7 * 60),
        over=Over.DEFER,
        mode=Mode.SHADOW,
        source=_NIGHT,
        house=False,
    ),
)
