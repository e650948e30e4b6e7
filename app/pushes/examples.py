"""A push and its answers as the API reference shows them; tests send the push."""

from typing import Any, Final

PUSH_EXAMPLE: Final[dict[str, Any]] = {
    "external_id": "tea-2026-11-21",
    "replaces": None,
    "kind": "advertisement",
    "surface": "srf_01kaj2m5qk7vxkq2n8r4t6w9ya",
    "title": "秋季新茶上市",
    "body": "本周下单，次日送达。",
    "link": {"url": "https://shop.example.cn/tea", "opens": "in_app"},
    "images": [],
    "source": None,
    "advertiser": {
        "name": "示例茶业有限公司",
        "credit_code": "91310000MA1K00000X",
        "category": "食品",
        "approval_number": None,
        "evidence": None,
    },
    "presentation": {
        "frame": {"width_dp": 320, "height_dp": 180},
        "provider_name": "示例茶业",
        "body_size_dp": 14,
        "ad_label": {
            "text": "广告",
            "size_dp": 14,
            "color": "#333333",
            "background": "#FFFFFF",
            "x_dp": 8,
            "y_dp": 8,
        },
        "close": {
            "present": True,
            "delay_ms": 0,
            "taps": 1,
            "width_dp": 44,
            "height_dp": 44,
            "color": "#333333",
            "background": "#FFFFFF",
            "x_dp": 272,
            "y_dp": 4,
            "opens_url": None,
            "reopens": False,
        },
        "complaint_entry": True,
    },
    "ai_generated": "no",
    "personalisation": {
        "used": False,
        "model": None,
        "fields": [],
        "tags": [],
        "consent_ref": None,
    },
    "audience": {"kind": "recipients", "recipients": ["r_7f3a", "r_81cc"]},
    "minors": "excluded",
    "topic": None,
    "rehash_reason": None,
    "not_before": None,
    "expires_at": "2099-12-31T23:00:00+08:00",
    "urgency": "normal",
}

DECISION_EXAMPLE: Final[dict[str, Any]] = {
    "verdict": "hold",
    "rule_set": "sha256:5f1d…",
    "rule_pack": "2026-11-21",
    "findings": [
        {
            "rule": "human-review",
            "topic": "human_review",
            "verdict": "hold",
            "citation": {
                "instrument": "弹窗合规网关产品规则",
                "clause": "第一条",
                "in_force": "2026-11-21",
            },
            "message": {"zh": "须经人工审核后方可下发", "en": "A person has to review this first"},
            "fix": {"zh": "等待审核", "en": "Wait for the review"},
            "pointer": "",
            "span": None,
        }
    ],
}

SUBMITTED_EXAMPLE: Final[dict[str, Any]] = {
    "id": "psh_01kaj2m5qk7vxkq2n8r4t6w9yb",
    "state": "in_review",
    "digest": "sha256:9c56…",
    "external_id": "tea-2026-11-21",
    "decision": DECISION_EXAMPLE,
    "review": {
        "deadline": "2026-11-21T23:00:00Z",
        "waiting_ahead": 12,
        "estimated_wait_seconds": 840,
    },
}

RULES_EXAMPLE: Final[dict[str, Any]] = {
    "rule_set": "sha256:5f1d…",
    "rule_pack": "2026.1+words.3f8a90c2b1de+sources.2025-07",
    "items": [
        {
            "id": "popup-05-08-ad-label",
            "topic": "ad_label",
            "on_breach": "block",
            "citation": {
                "instrument": "互联网弹窗信息推送服务管理规定",
                "clause": "第五条第（八）项",
                "in_force": "2022-09-30",
            },
            "clause": {"zh": "广告应当显著标明“广告”。", "en": "Advertisements are marked 广告."},
            "action": {
                "zh": "没有标识、标识过小或看不清的广告不能提交。",
                "en": "An advertisement without a label that can be read is blocked.",
            },
        }
    ],
    "duties": [],
    "limits": [
        {
            "name": "close_min_side_dp",
            "value": 44,
            "unit": "dp",
            "says": {
                "zh": "关闭标志宽和高的最小值",
                "en": "smallest width and height of the close mark",
            },
            "source": "T/TAF 114-2022 4.3.3：浮窗关闭按钮不小于 44×44 dp (group standard)",
            "house": False,
            "since": "2026-11-21",
        }
    ],
}
