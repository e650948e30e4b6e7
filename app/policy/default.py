"""The policy that ships: conservative numbers, each with where it comes from."""

from typing import Final

from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Covers, Mode, Over, QuietHours
from app.domain.push import ContentKind

# The numbers are those of `app/delivery/vendor_quotas.toml`; a test holds the two together.
_VENDORS: Final = (
    "华为、荣耀、OPPO、vivo 推送限额（厂商合同，腾讯云限额表 2026-05-14）：{zh}每设备每日 {n} 条 · "
    "Huawei, Honor, OPPO, vivo (contracts, 2026-05-14): {en} {n} a device and day"
)
_NIGHT: Final = (
    "vivo 运营类消息只在 07:00—23:00 下发，华为、荣耀 00:00—06:00 不展示（厂商合同，他处转述） · "
    "vivo: operation messages 07:00 to 23:00; Huawei, Honor: none 00:00 to 06:00"
)
_NO_MORE_THAN_NEWS: Final = (
    "本机构取值：总数不多于新闻一类 · our choice: no more in all than of news alone"
)
_NOT_THREE_A_DAY: Final = (
    "本机构取值：平均每天不到三条 · our choice: fewer than three a day on average"
)


def _given(cap_id: str, kind: ContentKind, limit: int, zh: str, en: str) -> Cap:
    """Return a cap by the day with a vendors' number."""
    source = _VENDORS.format(zh=zh, en=en, n=limit)
    return Cap(cap_id, limit, A_DAY, Covers(kinds=(kind,)), source=source, house=False)


DEFAULT_CAPS: Final = (
    Cap("all-5", 5, A_DAY, source=_NO_MORE_THAN_NEWS),
    Cap("week-20", 20, Calendar(CalendarUnit.WEEK), source=_NOT_THREE_A_DAY),
    _given("news-5", ContentKind.NEWS, 5, "新闻类应用", "apps of news"),
    _given("ads-2", ContentKind.ADVERTISEMENT, 2, "其他应用", "others"),
    _given("general-2", ContentKind.GENERAL, 2, "其他应用", "others"),
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
