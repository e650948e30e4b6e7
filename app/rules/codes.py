"""What a code in a picture leads to: a contact, a payment, an app, a page, or plain words."""

from enum import StrEnum
from typing import Final

from app.domain.links import LinkFacts
from app.rules.links import WEB, belongs

_CONTACT_HOSTS: Final = (
    "u.wechat.com",
    "weixin.qq.com",
    "work.weixin.qq.com",
    "qm.qq.com",
    "qun.qq.com",
    "jq.qq.com",
    "wpa.qq.com",
    "t.me",
    "telegram.me",
    "wa.me",
    "chat.whatsapp.com",
    "line.me",
    "lin.ee",
    "discord.gg",
    "discord.com",
    "qr.dingtalk.com",
    "h5.dingtalk.com",
    "s.binance.com",
    "signal.me",
)
_CONTACT_SCHEMES: Final = frozenset(
    {
        "weixin", "wechat", "wxwork", "mqqapi", "mqq", "mqqwpa", "tencent", "tg", "whatsapp",
        "line", "dingtalk", "mailto", "tel", "sms", "smsto", "mecard", "matmsg", "bizcard",
    }
)  # fmt: skip
_CARD: Final = "begin:vcard"
_PAYMENT_HOSTS: Final = (
    "qr.alipay.com",
    "wx.tenpay.com",
    "pay.weixin.qq.com",
    "payapp.weixin.qq.com",
    "qr.95516.com",
    "i.qianbao.qq.com",
    "paypal.me",
)
_PAYMENT_SCHEMES: Final = frozenset(
    {"wxp", "alipays", "alipay", "alipayqr", "upwallet", "bitcoin", "ethereum", "tron", "litecoin"}
)


class Leads(StrEnum):
    """Where a code leads."""

    HOME = "home"
    CONTACT = "contact"
    PAYMENT = "payment"
    APP = "app"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"


def leads(text: str, link: LinkFacts | None, declared: tuple[str, ...]) -> Leads:
    """Return where a code leads; `link` is the address that it holds, if it holds one."""
    plain = text.strip().lower()
    scheme = plain.partition(":")[0]
    if scheme in _CONTACT_SCHEMES or plain.startswith(_CARD):
        return Leads.CONTACT
    if scheme in _PAYMENT_SCHEMES:
        return Leads.PAYMENT
    if link is None:
        return Leads.NOWHERE
    if link.scheme not in WEB:
        return Leads.HOME if f"{link.scheme}://" in declared else Leads.APP
    return _of_host(link.host, declared)


def _of_host(host: str, declared: tuple[str, ...]) -> Leads:
    if belongs(host, declared):
        return Leads.HOME
    if belongs(host, _PAYMENT_HOSTS):
        return Leads.PAYMENT
    return Leads.CONTACT if belongs(host, _CONTACT_HOSTS) else Leads.ELSEWHERE
