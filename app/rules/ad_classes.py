"""What class of goods an advertiser declares, or its category's words name."""

import re
from typing import Final

from app.domain.push import Advertiser
from app.domain.registers import AdClass

# In this order: 特殊医学用途配方食品 and 兽药 hold words of the classes after them.
_WORDS: Final = tuple(
    (ad_class, re.compile(words))
    for ad_class, words in (
        (AdClass.SPECIAL_MEDICAL_FOOD, "特殊医学用途|特医食品"),
        (AdClass.VETERINARY, "兽药|兽用|宠物(?:药|用药)"),
        (AdClass.PESTICIDE, "农药|杀虫剂|除草剂"),
        (AdClass.HEALTH_FOOD, "保健食品|保健品|蓝帽子"),
        (AdClass.MEDICAL_DEVICE, "医疗器械|医疗器具"),
        (AdClass.MEDICINE, "药品|中成药|西药|非处方药|处方药|otc"),
        (AdClass.MEDICAL, "医疗服务|医疗机构|医疗美容|医美|医院|诊所|门诊|口腔"),
        (AdClass.FINANCE, "金融|贷款|理财|基金|证券|保险|期货|信托|投资"),
        (AdClass.EDUCATION, "教育|培训|补习|辅导"),
        (AdClass.PROPERTY, "房地产|楼盘|商品房|新房"),
    )
)  # fmt: skip


def class_of(advertiser: Advertiser) -> AdClass | None:
    """Return the declared class, else the one that the category's words name, if any."""
    if advertiser.ad_class is not None:
        return advertiser.ad_class
    category = (advertiser.category or "").lower()
    return next((one for one, words in _WORDS if words.search(category)), None)
