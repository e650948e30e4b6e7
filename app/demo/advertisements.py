"""The demo's advertisements: a shop's, other people's, and what is wrong with some of them."""

from typing import Final

from app.demo.cast import CONSENT, TEA, WINDOW
from app.demo.picture import tea_hills
from app.demo.wire import Body, DemoPush, DemoSender, close, label, presentation, push

_SHOP: Final = {
    "name": "云岭茶舍演示商贸有限公司",
    "credit_code": "91530102DEM000002C",
    "category": "食品",
    "evidence": None,
}
_BOOKS: Final = {
    "name": "半山书店演示有限公司",
    "credit_code": "91110105DEM000003P",
    "category": "图书",
    "evidence": None,
}
_SCHOOL: Final = {
    "name": "启程演示培训有限公司",
    "credit_code": "91310115DEM000004P",
    "category": "教育培训",
    "evidence": None,
}


_AGREED: Final[Body] = {
    "minors": "excluded",
    "personalisation": {"used": False, "consent_ref": CONSENT},
}


def _tea(title: str, text: str, **changes: object) -> Body:
    shown = presentation(TEA, ad_label=label())
    link = {"url": "https://m.yunlingtea.example/new", "opens": "in_app"}
    mine = {"advertiser": _SHOP, "presentation": shown, "link": link} | _AGREED
    return push("advertisement", title, text, TEA, **(mine | changes))


def _guest(title: str, text: str, advertiser: Body, **changes: object) -> Body:
    shown = presentation(WINDOW, ad_label=label())
    link = {"url": "https://ads.chenchuang.example/go", "opens": "browser"}
    theirs = {"advertiser": advertiser, "presentation": shown, "link": link} | _AGREED
    return push("advertisement", title, text, WINDOW, **(theirs | changes))


ADVERTISEMENTS: Final = (
    DemoPush(
        "ad-tea-harvest",
        DemoSender.SHOP,
        _tea(
            "秋茶上新：头采铁观音",
            "十月采制，清香型。本周下单，附赠一只品茗杯，送完即止。",
            images=[{"data": tea_hills(), "alt": "清晨的茶山"}],
            presentation=presentation(
                TEA, frame={"width_dp": 320, "height_dp": 320}, ad_label=label()
            ),
        ),
    ),
    DemoPush(
        "ad-tea-gift",
        DemoSender.SHOP,
        _tea("中秋茶礼可以预订了", "三款礼盒，支持刻字，九月二十日起发货。"),
    ),
    DemoPush(
        "ad-tea-regulars",
        DemoSender.SHOP,
        _tea(
            "您常喝的普洱到货了",
            "您收藏的七子饼茶今日到货，库存四十片。",
            personalisation={
                "used": True,
                "model": "到货提醒模型 v1（演示备案）",
                "fields": ["收藏"],
                "tags": ["茶叶"],
                "consent_ref": CONSENT,
            },
        ),
    ),
    DemoPush(
        "ad-tea-lowest-price",
        DemoSender.SHOP,
        _tea("全网最低价，仅此一天", "龙井特级 250 克，今日下单立减三十元。"),
    ),
    DemoPush(
        "ad-books-autumn",
        DemoSender.SERVICE,
        _guest("秋日书单满一百减二十", "社科、文学、童书参加，活动到本月底。", _BOOKS),
    ),
    DemoPush(
        "ad-books-undeclared-shop",
        DemoSender.SERVICE,
        _guest(
            "签名本限量发售",
            "三百册，售完不再加印。",
            _BOOKS,
            link={"url": "https://shop.banshan-books.example/signed", "opens": "browser"},
        ),
    ),
    DemoPush(
        "ad-school-model-missing",
        DemoSender.SERVICE,
        _guest(
            "周末手绘课开放试听",
            "成人零基础，小班八人，试听不收费。",
            _SCHOOL,
            personalisation={"used": True, "model": None, "fields": ["兴趣"], "tags": ["绘画"]},
        ),
    ),
    DemoPush(
        "ad-disguised-loan",
        DemoSender.SERVICE,
        _guest(
            "周转不求人",
            "黑\u200b户可·贷，额度高，到账快。",
            _SCHOOL | {"name": "速达演示咨询有限公司", "category": "金融信息"},
        ),
    ),
    DemoPush(
        "ad-label-missing",
        DemoSender.SHOP,
        _tea("围炉煮茶套装八折", "含炉、壶、网和四只杯。", presentation=presentation(TEA)),
        blocked_by=("popup-05-08-ad-label",),
    ),
    DemoPush(
        "ad-label-too-small",
        DemoSender.SHOP,
        _tea(
            "茶点拼盘买二送一",
            "绿豆糕、核桃酥、桂花糖任选。",
            presentation=presentation(
                TEA, ad_label=label(size_dp=9, color="#BBBBBB", background="#FFFFFF")
            ),
        ),
        blocked_by=("popup-05-08-ad-label",),
    ),
    DemoPush(
        "ad-close-countdown",
        DemoSender.SERVICE,
        _guest(
            "新会员首月九元九",
            "随时可取消，到期前三天提醒。",
            _BOOKS,
            presentation=presentation(
                WINDOW, ad_label=label(), close=close(delay_ms=5000, width_dp=20, height_dp=20)
            ),
        ),
        blocked_by=("popup-05-08-one-tap-close",),
    ),
    DemoPush(
        "ad-close-opens-page",
        DemoSender.SERVICE,
        _guest(
            "城市马拉松装备节",
            "跑鞋、腰包、能量胶专场。",
            _BOOKS | {"category": "体育用品"},
            presentation=presentation(
                WINDOW,
                ad_label=label(),
                close=close(taps=2, opens_url="https://ads.chenchuang.example/wait", reopens=True),
            ),
        ),
        blocked_by=("popup-05-08-one-tap-close",),
    ),
    DemoPush(
        "ad-guaranteed-pass",
        DemoSender.SERVICE,
        _guest(
            "职称英语冲刺班",
            "签约保过，不过退款，名额不多。",
            _SCHOOL,
        ),
    ),
    DemoPush(
        "ad-casino",
        DemoSender.SERVICE,
        _guest(
            "休闲娱乐新去处",
            "注册送彩金，彩金秒到账。",
            _SCHOOL | {"name": "某某演示网络有限公司", "category": "娱乐"},
        ),
        blocked_by=("ecosystem-06-09-vice",),
    ),
)
