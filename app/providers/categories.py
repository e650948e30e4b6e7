"""The 39 categories of apps in the Provisions on necessary personal information (2021), art. 5."""

from typing import Final

from app.errors import Words

APP_CATEGORIES: Final[dict[str, Words]] = {
    "navigation": Words("地图导航", "maps and navigation"),
    "ride_hailing": Words("网络约车", "ride hailing"),
    "messaging": Words("即时通信", "instant messaging"),
    "community": Words("网络社区", "online community"),
    "payment": Words("网络支付", "online payment"),
    "shopping": Words("网上购物", "online shopping"),
    "food_delivery": Words("餐饮外卖", "food delivery"),
    "parcel": Words("邮件快件寄递", "mail and parcels"),
    "transport_tickets": Words("交通票务", "transport tickets"),
    "dating": Words("婚恋相亲", "dating"),
    "recruitment": Words("求职招聘", "recruitment"),
    "lending": Words("网络借贷", "online lending"),
    "housing": Words("房屋租售", "housing"),
    "used_cars": Words("二手车交易", "used cars"),
    "medical": Words("问诊挂号", "medical consultation"),
    "travel": Words("旅游服务", "travel"),
    "hotel": Words("酒店服务", "hotels"),
    "game": Words("网络游戏", "online games"),
    "education": Words("学习教育", "education"),
    "local_life": Words("本地生活", "local services"),
    "womens_health": Words("女性健康", "women's health"),
    "car_service": Words("用车服务", "car services"),
    "investment": Words("投资理财", "investment"),
    "mobile_bank": Words("手机银行", "mobile banking"),
    "mail_and_cloud": Words("邮箱云盘", "mail and cloud storage"),
    "conference": Words("远程会议", "conferencing"),
    "live_streaming": Words("网络直播", "live streaming"),
    "video": Words("在线影音", "online video and audio"),
    "short_video": Words("短视频", "short video"),
    "news": Words("新闻资讯", "news"),
    "fitness": Words("运动健身", "fitness"),
    "browser": Words("浏览器", "browser"),
    "input_method": Words("输入法", "input method"),
    "security": Words("安全管理", "security"),
    "books": Words("电子图书", "e-books"),
    "camera": Words("拍摄美化", "camera and photo editing"),
    "app_store": Words("应用商店", "app store"),
    "utility": Words("实用工具", "utility"),
    "show_tickets": Words("演出票务", "show tickets"),
    "other": Words("其他（不在三十九类之内）", "other (none of the 39)"),
}
"""Codes of `Surface.app_category`, in the order of the Provisions, and `other`."""
