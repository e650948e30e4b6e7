"""Names of personal data as senders write them, and what each app category needs of them."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_SEPARATORS: Final = re.compile(r"[\s_\-./:：·、（）()]+")

PHONE, LOCATION, TRACK = "phone", "location", "track"
ACCOUNT, CONTACTS, NAME, IDENTITY = "account", "contacts", "name", "identity"
PAYMENT, CARD, ADDRESS, TRIP = "payment", "card", "address", "trip"
USER_ID, DEVICE_ID = "user_id", "device_id"

# Each kind of data with the names that are used for it, in lower case and without separators.
_NAMES: Final[Mapping[str, str]] = {
    PHONE: "手机号 手机号码 移动电话号码 移动电话 电话 电话号码 联系电话 注册手机号 联系方式 "
    "phone phonenumber mobile mobilenumber msisdn tel 收件人电话 收货人电话 "
    "收货人联系电话",
    LOCATION: "位置 定位 位置信息 所在位置 地理位置 经纬度 精确位置 精准位置 location gps geo "
    "latitude longitude lat lng latlng",
    TRACK: "行踪轨迹 行程轨迹 行踪 轨迹 track trajectory",
    "origin": "出发地 起点 上车地点 origin departure",
    "destination": "目的地 终点 到达地 下车地点 旅游目的地 destination",
    ACCOUNT: "账号 帐号 账号信息 即时通信账号 account accountname",
    CONTACTS: "联系人 联系人列表 联系人账号列表 通讯录 好友列表 contacts addressbook",
    NAME: "姓名 真实姓名 收货人姓名 收件人姓名 寄件人姓名 旅客姓名 出行人姓名 住宿人姓名 "
    "患者姓名 name realname fullname",
    IDENTITY: "身份证 身份证号 身份证号码 证件号码 证件类型 证件有效期 证件有效期限 护照号 "
    "护照号码 证件影印件 身份信息 寄件人身份 购买方身份 出售方身份 idcard idnumber "
    "passport identity",
    CARD: "银行卡 银行卡号 银行卡号码 银行账号 信用卡号 资金账户 支付账号 bankcard "
    "cardnumber bankaccount fundaccount",
    PAYMENT: "支付时间 支付金额 支付渠道 支付信息 支付 付款信息 payment paymentinfo paytime "
    "payamount",
    ADDRESS: "地址 收货地址 收件人地址 寄件人地址 住址 家庭住址 address shippingaddress",
    "sex": "性别 sex gender",
    "age": "年龄 出生日期 生日 age birthday birthdate",
    "marriage": "婚姻状况 婚姻 marital maritalstatus",
    "cv": "简历 求职简历 cv resume",
    "item": "物品名称 物品性质 物品数量 寄递物品 item",
    TRIP: "行程 行程信息 出行时间 旅客类型 车次 航班号 trip itinerary flight",
    "seat": "座席 座位 席位 舱位 seat",
    "plate": "车牌号 车牌 车牌颜色 plate platenumber",
    "vehicle": "行驶证号 行驶证 车辆识别号码 车架号 vin vehiclelicence",
    "driving": "驾驶证 驾驶证件信息 驾驶证号 drivinglicence driverlicense",
    "hospital": "医院 科室 预约挂号的医院和科室 hospital department",
    "condition": "病情 病情描述 症状 condition symptoms",
    "stay": "入住时间 退房时间 入住和退房时间 入住酒店 酒店名称 checkin checkout hotel",
    "dwelling": "房屋地址 面积户型 房屋面积 户型 期望售价 期望租金 租金 rent",
    "payee": "收款人 收款人姓名 收款账号 payee",
    "session": "场次 观演场次 session",
    USER_ID: "用户id 用户编号 用户标识 用户标识符 用户号 会员号 会员id 用户唯一标识 userid uid "
    "openid unionid memberid user usertoken customerid passportid",
    DEVICE_ID: "设备号 设备id 设备标识 设备标识符 设备识别码 设备唯一标识 设备序列号 广告标识符 "
    "imei imsi meid oaid idfa idfv gaid aaid vaid androidid deviceid mac macaddress "
    "serialnumber udid",
}
_KIND_OF: Final = {name: kind for kind, names in _NAMES.items() for name in names.split()}

IDENTIFIERS: Final = frozenset({USER_ID, DEVICE_ID, ACCOUNT})
"""Kinds that tell one user or device from all others."""

_BUYER: Final = f"{PHONE} {NAME} {ADDRESS} {PAYMENT}"
_CUSTOMER: Final = f"{PHONE} {NAME} {IDENTITY} {CARD}"

NECESSARY: Final[Mapping[str, frozenset[str]]] = {
    category: frozenset(kinds.split())
    for category, kinds in {
        "navigation": f"{LOCATION} origin destination",
        "ride_hailing": f"{PHONE} origin destination {LOCATION} {TRACK} {PAYMENT}",
        "messaging": f"{PHONE} {ACCOUNT} {CONTACTS}",
        "community": PHONE,
        "payment": _CUSTOMER,
        "shopping": _BUYER,
        "food_delivery": _BUYER,
        "parcel": f"{NAME} {IDENTITY} {ADDRESS} {PHONE} item",
        "transport_tickets": f"{PHONE} {NAME} {IDENTITY} {TRIP} seat plate {PAYMENT}",
        "dating": f"{PHONE} sex age marriage",
        "recruitment": f"{PHONE} cv",
        "lending": _CUSTOMER,
        "housing": f"{PHONE} {ADDRESS} dwelling",
        "used_cars": f"{PHONE} {NAME} {IDENTITY} vehicle",
        "medical": f"{PHONE} {NAME} {IDENTITY} hospital condition",
        "travel": f"{PHONE} destination {TRIP} {NAME} {IDENTITY}",
        "hotel": f"{PHONE} {NAME} stay",
        "game": PHONE,
        "education": PHONE,
        "local_life": PHONE,
        "womens_health": "",
        "car_service": f"{PHONE} {IDENTITY} driving {PAYMENT} {LOCATION}",
        "investment": _CUSTOMER,
        "mobile_bank": f"{_CUSTOMER} payee",
        "mail_and_cloud": PHONE,
        "conference": PHONE,
        "live_streaming": "",
        "video": "",
        "short_video": "",
        "news": "",
        "fitness": "",
        "browser": "",
        "input_method": "",
        "security": "",
        "books": "",
        "camera": "",
        "app_store": "",
        "utility": "",
        "show_tickets": f"{PHONE} session seat {PAYMENT}",
    }.items()
}
"""The necessary personal data of the 39 categories (Provisions of 2021, art. 5), by category."""

# PIPL art. 28: what may easily harm a person if it leaks or is misused, as fields and tags say it.
_SENSITIVE: Final[Mapping[str, str]] = {
    "biometric": "人脸|面部识别|指纹|声纹|虹膜|掌纹|基因|生物识别|fingerprint|faceid|biometric",
    "belief": "宗教|信教|信徒|教徒|religion",
    "identity": "民族|种族|性取向|性倾向|同性恋|残疾|犯罪记录|前科|刑满"
    "|ethnicity|sexualorientation|disabilit",
    "health": "病史|病历|病情|患者|患病|疾病|癌|肿瘤|糖尿病|高血压|抑郁|焦虑症|乙肝|艾滋"
    "|怀孕|孕期|孕妇|流产|不孕|用药记录|处方记录|体检|就诊|健康状况|医疗健康"
    "|medicalrecord|diagnosis|pregnan|disease",
    "finance": "银行卡|银行账号|信用卡号|资金账户|账户余额|存款余额|负债|欠款|逾期|征信|失信"
    "|收入水平|月收入|年收入|个人资产|bankcard|bankaccount|creditscore|income",
    "track": "行踪|轨迹|trajectory|track(?:ing)?history",
    "under_14": "不满十四|未满十四|未满14|不满14|14岁以下|十四岁以下",
}
_SENSITIVE_WORDS: Final = re.compile(
    "|".join(f"(?P<{kind}>{words})" for kind, words in _SENSITIVE.items())
)
_SENSITIVE_KINDS: Final = {
    IDENTITY: "identity", CARD: "finance", TRACK: "track", "condition": "health",
}  # fmt: skip

_STATUS: Final = re.compile(
    r"会员|付费|未付费|免费用户|普通用户|充值|氪金|大客户|高净值|消费(?:等级|能力|水平|力|金额|频次)"
    r"|支付能力|购买力|客单价|价格敏感|贵宾|s?vip|member(?!id)|paiduser|payinguser|spending"
    r"|purchasingpower|pricesensitiv|arpu|loyaltytier"
)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a name in lower case without separators, so that two writings of it are equal."""
    return _SEPARATORS.sub("", name).lower()


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str | None:
    """Return the kind of data that a field's name stands for; None for one not known."""
    return _KIND_OF.get(plain(name))


@lru_cache(maxsize=4096)
def sensitive(name: str) -> str | None:
    """Return the kind of sensitive personal information that a field or tag names, if any."""
    kind = _SENSITIVE_KINDS.get(kind_of(name) or "")
    if kind is not None:
        return kind
    found = _SENSITIVE_WORDS.search(plain(name))
    return None if found is None else found.lastgroup


@lru_cache(maxsize=4096)
def tells_status(name: str) -> bool:
    """Tell whether a field or tag parts members and payers from ordinary users."""
    return _STATUS.search(plain(name)) is not None
