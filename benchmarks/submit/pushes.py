"""Bodies for the load: ordinary lawful pushes of all three kinds, written for this purpose."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from app.demo.cast import CONSENT

ADVERTISER = "北京示例百货有限公司"
CREDIT_CODE = "91350100M000100Y43"
# Popup title, original title, text: as published, or faithfully shortened.
_NEWS = (
    (
        "三峡水库蓄水至正常水位",
        "三峡水库今年第二次蓄水至正常水位",
        "长江防总介绍，本次蓄水历时四十六天，下游航运与供水保持平稳。",
    ),
    (
        "多地启动冬季清洁取暖改造",
        "多地启动冬季清洁取暖改造",
        "今年计划新增改造户数约二十万户，补贴资金已拨付到县。",
    ),
    (
        "嫦娥新样品向国内机构开放申请",
        "嫦娥系列新样品向国内机构开放申请",
        "申请单位须提交研究方案，由专家委员会评审后公布结果。",
    ),
    (
        "全国中学生田径赛在成都开幕",
        "全国中学生田径赛在成都开幕",
        "来自三十一个省区市的一千二百名运动员参加为期五天的比赛。",
    ),
)
_GENERAL = (
    ("今晚二十三时至次日五时系统维护", "维护期间登录与支付暂停，已提交的订单不受影响。"),
    ("您预约的图书已到馆", "请于七日内凭证件到二层总服务台领取，逾期自动取消。"),
    ("地铁二号线末班车提前", "因设备检修，本周六末班车提前至二十二时三十分发车。"),
)
_ADS = (
    ("秋季羽绒服新款上架", "门店与线上同价，支持七天无理由退货，数量以页面显示为准。"),
    ("社区超市周末蔬菜特价", "西红柿每斤三元八角，活动时间为周六周日全天。"),
)
_CLOSE = {
    "present": True, "delay_ms": 0, "taps": 1, "width_dp": 44, "height_dp": 44,
    "color": "#333333", "background": "#FFFFFF", "x_dp": 272, "y_dp": 4,
    "opens_url": None, "reopens": False,
}  # fmt: skip
_LABEL = {
    "text": "广告", "size_dp": 14, "color": "#555555", "background": "#FFFFFF",
    "x_dp": 16, "y_dp": 19,
}  # fmt: skip


def body(number: int, surface: str) -> bytes:
    """Return the JSON of the push with that number; no two are the same."""
    kinds = (_news, _general, _advertisement)
    value = kinds[number % 3](number)
    now = datetime.now(UTC)
    value |= {
        "surface": surface,
        "ai_generated": "no",
        "personalisation": {
            "used": False,
            "model": None,
            "fields": [],
            "tags": [],
            "consent_ref": CONSENT if value["kind"] == "advertisement" else None,
        },
        "audience": {"kind": "recipients", "recipients": [f"r_{number}_{i}" for i in range(5)]},
        "minors": "excluded",
        "expires_at": (now + timedelta(hours=12)).isoformat(),
    }
    return json.dumps(value, ensure_ascii=False).encode()


def _news(number: int) -> dict[str, Any]:
    title, original, text = _NEWS[number % len(_NEWS)]
    source = {
        "unit": "新华社", "url": f"https://www.news.cn/{number}.html",
        "title": f"{original}（{number}）", "lead": text,
        "author": "李明", "editor": "王芳",
        "published_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    return _shown("news", f"{title}（{number}）", text, None) | {"source": source}


def _general(number: int) -> dict[str, Any]:
    title, text = _GENERAL[number % len(_GENERAL)]
    return _shown("general", f"{title}（{number}）", text, None)


def _advertisement(number: int) -> dict[str, Any]:
    title, text = _ADS[number % len(_ADS)]
    advertiser = {
        "name": ADVERTISER, "credit_code": CREDIT_CODE, "category": "百货",
        "approval_number": None, "evidence": None,
    }  # fmt: skip
    shown = _shown("advertisement", f"{title}（{number}）", text, _LABEL)
    return shown | {"advertiser": advertiser}


def _shown(kind: str, title: str, text: str, label: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": title,
        "body": text,
        "presentation": {
            "frame": {"width_dp": 320, "height_dp": 180},
            "provider_name": "示例新闻",
            "body_size_dp": 14,
            "ad_label": label,
            "close": _CLOSE,
            "complaint_entry": True,
        },
    }
