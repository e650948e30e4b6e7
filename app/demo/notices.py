"""The demo's service notices: what a reader app and a shop have to tell."""

from typing import Final

from app.demo.cast import CONSENT, TEA, WINDOW
from app.demo.wire import Body, DemoPush, DemoSender, close, presentation, push

_HELP: Final = "https://help.chenchuang.example/"


def _notice(title: str, text: str, page: str | None = None, **changes: object) -> Body:
    link = None if page is None else {"url": _HELP + page, "opens": "in_app"}
    return push("general", title, text, WINDOW, link=link, **changes)


NOTICES: Final = (
    DemoPush(
        "notice-maintenance",
        DemoSender.SERVICE,
        _notice(
            "今晚零点至四点系统维护",
            "维护期间可以继续阅读已下载的文章，收藏和评论将暂停同步。",
            "maintenance",
        ),
    ),
    DemoPush(
        "notice-new-device",
        DemoSender.SERVICE,
        _notice(
            "您的账号在新设备上登录",
            "如果不是您本人操作，请尽快在“设置 · 账号安全”中退出该设备并修改密码。",
            "security",
        ),
    ),
    DemoPush(
        "notice-reading-time",
        DemoSender.SERVICE,
        _notice(
            "已连续阅读一小时，休息一下眼睛吧",
            "可在“设置 · 阅读”中调整提醒间隔，或关闭提醒。",
        ),
        hours_valid=24,
    ),
    DemoPush(
        "notice-privacy",
        DemoSender.SERVICE,
        _notice(
            "隐私政策更新说明",
            "本次更新说明了弹窗推送如何使用匿名标识，以及怎样一键拒收。新版本七天后生效。",
            "privacy",
        ),
    ),
    DemoPush(
        "notice-minors-mode",
        DemoSender.SERVICE,
        _notice(
            "未成年人模式上线",
            "开启后不展示广告，每天二十二点至次日六点不推送任何弹窗。",
            "minors",
        ),
    ),
    DemoPush(
        "notice-large-type",
        DemoSender.SERVICE,
        _notice(
            "大字版来了",
            "字号最大可调到 32，弹窗的关闭键也会一起变大。",
            "large-type",
            presentation=presentation(
                WINDOW,
                frame={"width_dp": 340, "height_dp": 220},
                body_size_dp=22,
                close=close(width_dp=60, height_dp=60, x_dp=276),
            ),
        ),
    ),
    DemoPush(
        "notice-ai-digest",
        DemoSender.SERVICE,
        _notice(
            "您的一周阅读小结",
            "这一周您读了二十三篇文章，最常看的栏目是“城市”。本小结由人工智能生成。",
            ai_generated="yes",
            personalisation={
                "used": True,
                "model": "阅读小结模型 v2（演示备案）",
                "fields": ["阅读篇数", "常看栏目"],
                "tags": [],
                "consent_ref": CONSENT,
            },
            minors="excluded",
        ),
    ),
    DemoPush(
        "notice-foreign-link",
        DemoSender.SERVICE,
        _notice(
            "有奖问卷：您对夜间模式满意吗",
            "填写约两分钟，随机赠送一个月会员。",
        )
        | {"link": {"url": "https://wenjuan.survey-partner.example/q/8", "opens": "browser"}},
    ),
    DemoPush(
        "notice-tea-parcel",
        DemoSender.SHOP,
        push(
            "general",
            "您的包裹已到自提柜",
            "请在二十四小时内凭取件码领取，取件码见订单页。",
            TEA,
            link={"url": "https://m.yunlingtea.example/orders", "opens": "in_app"},
        ),
        hours_valid=24,
    ),
    DemoPush(
        "notice-ai-unlabelled",
        DemoSender.SERVICE,
        _notice(
            "为您生成了一首睡前小诗",
            "窗外的雨停在屋檐，灯下的字慢慢变浅。",
            ai_generated="yes",
        ),
        blocked_by=("ai-label-04-words",),
    ),
    DemoPush(
        "notice-without-complaints",
        DemoSender.SERVICE,
        _notice(
            "会员中心改版",
            "权益、订单和续费管理合并到同一页。",
            presentation=presentation(WINDOW, complaint_entry=False),
        ),
        blocked_by=("popup-06-complaint-entry",),
    ),
    DemoPush(
        "notice-cash-for-cards",
        DemoSender.SHOP,
        push(
            "general",
            "信用卡额度变现金",
            "套现秒到，刷卡当天结算，量大从优。",
            TEA,
        ),
        blocked_by=("ecosystem-06-11-other",),
    ),
)
