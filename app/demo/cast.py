"""Who is who in the demo: providers, their surface and senders, staff, recipients, sources."""

from dataclasses import dataclass
from typing import Final

from app.demo.wire import DemoSender
from app.domain.vendor_quotas import REST, AppClass, VendorUsers
from app.policy.topics import NewTopic

WINDOW: Final = "晨窗"
TEA: Final = "云岭茶舍"


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A provider that does not exist; its credit code has a right check digit and no owner."""

    legal_name: str
    display_name: str
    credit_code: str
    domains: tuple[str, ...]


PUBLISHER: Final = DemoProvider(
    "晨窗演示信息技术有限公司", WINDOW, "91110108DEM000001W", ("chenchuang.example",)
)
SHOP: Final = DemoProvider(
    "云岭茶舍演示商贸有限公司", TEA, "91530102DEM000002C", ("yunlingtea.example",)
)
PROVIDERS: Final = (PUBLISHER, SHOP)

CREDIT_CODES: Final = frozenset(one.credit_code for one in PROVIDERS)
"""Where a register holds one of these, it is the demo's, and production refuses to start."""

SURFACE: Final = "晨窗 · 演示阅读器"
CONTACT: Final = "演示热线 000-0000-0000"
LICENCE: Final = "演示许可-0000-0001"

TOPIC: Final = NewTopic("防汛", "防汛预警", "Flood warnings", "汛期预警更新频繁，须单独设上限")

VENDOR_USERS: Final = (
    VendorUsers("huawei", 42_000, AppClass.NEWS),
    VendorUsers("xiaomi", 31_000, AppClass.NEWS),
    VendorUsers("oppo", 26_000, AppClass.NEWS),
    VendorUsers("vivo", 24_000, AppClass.NEWS),
    VendorUsers("honor", 19_000, AppClass.NEWS),
    VendorUsers(REST, 23_000),
)
"""Invented numbers of users with notifications on, by phone vendor."""

CONSENT: Final = "demo-consent-1"
"""The consent that the demo's advertisements and personalised pushes rest on."""


@dataclass(frozen=True, slots=True)
class DemoSenderCard:
    """A sender: its provider, its name, and the person who answers for its keys."""

    sender: DemoSender
    provider: DemoProvider
    name: str
    holder: str


SENDERS: Final = (
    DemoSenderCard(DemoSender.NEWSROOM, PUBLISHER, "新闻编辑部", "沈若溪"),
    DemoSenderCard(DemoSender.SERVICE, PUBLISHER, "用户服务", "顾一帆"),
    DemoSenderCard(DemoSender.SHOP, SHOP, "门店运营", "白小茶"),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody in the console."""

    username: str
    name: str
    role: str


STAFF: Final = (
    DemoPerson("admin.zhou", "周敏", "admin"),
    DemoPerson("admin.wu", "吴哲", "admin"),
    DemoPerson("reviewer.lin", "林岚", "reviewer"),
    DemoPerson("reviewer.chen", "陈默", "reviewer"),
    DemoPerson("lead.he", "何清", "lead"),
)

PAGE_RECIPIENTS: Final = tuple(f"r_demo_{number:02d}" for number in range(1, 9))
"""Tokens that the demo page registers under: each browser takes the first that is free."""

DEVICE_RECIPIENTS: Final = tuple(f"r_device_{number:02d}" for number in range(1, 13))
"""Devices that nobody looks at, so that a delivery has numbers to show."""

MINOR_DEVICES: Final = DEVICE_RECIPIENTS[:2]
"""Those that belong to minors."""

REFUSING_DEVICES: Final = DEVICE_RECIPIENTS[2:4]
"""Those whose owners refuse advertisements."""

SOURCE_EDITION: Final = "demo-2026"

# Names and addresses of the central units are facts; the last three units are invented, and the
# demo's news are quoted from those alone: nothing invented is put into a real unit's mouth.
SOURCE_LIST: Final = """\
name,category,region,domain,entry_type,status
新华通讯社,中央新闻单位,全国,news.cn xinhuanet.com,unit,found
人民日报社,中央新闻单位,全国,people.com.cn,unit,found
中央广播电视总台,中央新闻单位,全国,cctv.com cctv.cn cnr.cn cri.cn,unit,found
求是杂志社,中央新闻单位,全国,qstheory.cn,unit,found
光明日报社,中央新闻单位,全国,gmw.cn,unit,found
经济日报社,中央新闻单位,全国,ce.cn,unit,found
中国日报社,中央新闻单位,全国,chinadaily.com.cn,unit,found
科技日报社,中央新闻单位,全国,stdaily.com,unit,found
工人日报社,中央新闻单位,全国,workercn.cn,unit,found
中国青年报社,中央新闻单位,全国,cyol.com,unit,found
农民日报社,中央新闻单位,全国,farmer.com.cn,unit,found
中国新闻社,中央新闻单位,全国,chinanews.com.cn chinanews.com,unit,found
江州日报社（演示）,演示单位,演示,jiangzhou-daily.example,unit,found
江州广播电视台（演示）,演示单位,演示,jztv.example,unit,found
海屿晚报社（演示）,演示单位,演示,,unit,found
"""
