"""Texts of 10 KB made to cost the screening as much as a text can."""

from collections.abc import Callable

SIZE = 10 * 1024

_UNITS = {
    "one long term": "真人荷官在线发牌",
    "one short term": "约炮",
    "an exact term": "首存送彩金",
    "terms end to end": "代开发票刻章办证黑户可贷裸聊",
    "dense traditional": "註冊送彩金真人荷官在線發牌專業辦證刻章代開發票兼職刷單日結",
    "cut words": "代开发票据",
    "exempt phrases": "成人高考从中出发",
    "separators alone": "-· *",
    "a term with separators": "代-开·发 票",
    "as many separators as a gap holds": "代" + "-" * 30 + "开",
    "pinyin of terms": "daikaifapiao",
    "pinyin letters": "zhuangshangxian",
    "syllables parted": "dai kai fa piao ",
    "half pinyin": "代kai发piao",
    "look-alike letters": "ԁаіkаіfаріао",
    "full width": "ｄａｉｋａｉ代开发票",
    "split characters": "贝者十尃覀示",
    "split terms": "代开发覀示",
    "homophones": "袋凯发漂",
    "homophones of words": "代开发漂亮毒播赌薄",
    "shapes": "代幵发栗",
    "repeated letters": "代代开开发发票票",
    "one letter": "票",
    "inserted letters": "代x开y发z票",
    "alternating pieces": "代开发代开发票开发票",
    "unseen characters": "代\u200b开\u200b发\u200b票",
    "unseen alone": "\u200b",
    "strokes": "代\u0336开\u0336发\u0336票\u0336",
    "mixed": "睹愽瓶枱袋x凯x发x漂",
    "Latin": "a",
    "digits in styles": "①②③⑩",
    "long ligatures": "ﷺ",
    "emoji": "👍🏽",
}


def adversarial_texts(size: int = SIZE) -> dict[str, str]:
    """Return texts by name, each at most so many bytes of UTF-8."""
    return {name: _filled(unit, size) for name, unit in _UNITS.items()}


def slowest(texts: dict[str, str], seconds: Callable[[str], float]) -> list[tuple[str, float]]:
    """Return names and seconds, the slowest first."""
    taken = [(name, seconds(text)) for name, text in texts.items()]
    return sorted(taken, key=lambda item: -item[1])


def _filled(unit: str, size: int) -> str:
    return unit * (size // len(unit.encode()))
