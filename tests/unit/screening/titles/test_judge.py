"""What a news popup changed against its original, and how its title baits."""

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.signals import Signal
from app.screening.titles.judge import OriginalTexts, title_signals

CASES = Path(__file__).parents[3] / "corpora" / "learning" / "titles" / "cases.tsv"
PAIRS = [line.split("\t") for line in CASES.read_text("utf-8").splitlines()[1:]]
ENOUGH = 60


def told(title: str, original: str, lead: str = "", body: str = "") -> tuple[Signal, ...]:
    return title_signals(title, body, OriginalTexts(original, lead, None))


def kinds(title: str, original: str, lead: str = "", body: str = "") -> set[str]:
    return {signal.kind for signal in told(title, original, lead, body)}


def is_held(found: tuple[Signal, ...]) -> bool:
    bait = sum(one.weight for one in found if one.kind.startswith("bait_"))
    return bait >= ENOUGH or sum(one.weight for one in found) - bait >= ENOUGH


@pytest.mark.parametrize(
    ("kind", "original", "popup"),
    [
        ("number_changed", "事故致12人受伤", "事故致２１人受伤"),
        ("number_changed", "北约3死12伤", "北约12死3伤"),
        ("number_changed", "中国队2:1日本队", "中国队1:2日本队"),
        ("number_changed", "用户超2亿", "用户近2亿"),
        ("number_changed", "分红10亿美元", "分红10亿日元"),
        ("time_changed", "新规3月5日晚8点实施", "新规3月5日晚9点实施"),
        ("time_changed", "直播20:30开始", "直播21:30开始"),
        ("place_changed", "山东一商场起火", "山西一商场起火"),
        ("person_changed", "张文宏回应疫苗问题", "马斯克回应疫苗问题"),
        ("body_changed", "工信部约谈企业", "商务部约谈企业"),
        ("negation_dropped", "公司不会裁员", "公司裁员"),
        ("negation_dropped", "公司否认将裁员", "公司将裁员"),
        ("negation_added", "两国同意复航", "两国不同意复航"),
        ("doubt_dropped", "疑似陨石坠落草原", "陨石坠落草原"),
        ("condition_dropped", "若通胀回落 央行将降息", "央行将降息"),
        ("scope_dropped", "部分航班取消", "航班取消"),
        ("attribution_dropped", "专家称新药可缓解失眠", "新药可缓解失眠"),
        ("attribution_dropped", "据外媒报道 公司将出售业务", "公司将出售业务"),
        ("attribution_dropped", "网友：景区强制消费", "景区强制消费"),
        ("attribution_dropped", "王小明：公司欠我钱", "公司欠我钱"),
        ("attribution_dropped", "研究发现走路可降低死亡风险", "走路可降低死亡风险"),
        ("modality_changed", "市政府拟取消限行", "市政府已取消限行"),
        ("outcome_changed", "游客摔伤送医", "游客身亡"),
        ("scope_changed", "个别门店不合格", "所有门店不合格"),
        ("reversed", "央行下调利率", "央行上调利率"),
        ("wording_changed", "副市长接受采访", "市长接受采访"),
        ("roles_exchanged", "业主起诉物业公司", "物业公司起诉业主"),
        ("cause_added", "两人接种后请假", "接种导致两人请假"),
        ("exaggeration_added", "股指小幅上涨", "股指小幅上涨！！"),
        ("question_added", "抽检全部合格", "抽检全部合格？"),
        ("question_added", "抽检全部合格", "抽检难道全部合格"),
        ("subject_missing", "特斯拉召回汽车", "某知名车企召回汽车"),
        ("place_dropped", "日本近海发生地震", "近海发生地震"),
        ("claim_added", "超市鸡蛋降价", "超市鸡蛋降价 养殖户集体上街"),
        ("time_changed", "地铁6号线下月开通", "地铁6号线明天开通"),
        ("subject_missing", "特斯拉宣布召回汽车", "宣布召回汽车"),
        ("roles_exchanged", "业主起诉物业公司 今天开庭", "物业公司起诉业主 今天开庭"),
        ("claim_added", "超市鸡蛋降价", "超市鸡蛋降价500元"),
        ("subject_missing", "两部门约谈三家网约车平台", "这下定了"),
        ("wording_changed", "超市鸡蛋降价", "超市牛奶降价"),
        ("number_changed", "水库放鱼不足10万条", "水库放鱼超过9万条"),
    ],
)
def test_each_kind_of_change_is_named(kind: str, original: str, popup: str) -> None:
    assert kind in kinds(popup, original, "原文开头说的是别的，没有这件事。")


def test_a_change_names_what_stood_there_and_what_stands_there_now() -> None:
    found = told("地铁故障致21人受伤", "地铁故障致12人受伤")
    number = next(one for one in found if one.kind == "number_changed")
    assert (number.pointer, number.span) == ("/title", (5, 8))
    assert number.params == {"old": "12人", "new": "21人"}


@pytest.mark.parametrize(
    "popup", ["全国秋粮收购进展顺利", "全国秋粮收购，进展顺利", "全國秋糧收購進展順利"]
)
def test_the_same_letters_are_the_same_title(popup: str) -> None:
    assert told(popup, "全国秋粮收购进展顺利") == ()


def test_a_claim_without_a_lead_is_left_open() -> None:
    assert kinds("超市鸡蛋降价 养殖户集体上街", "超市鸡蛋降价") == {"claim_unknown"}


def test_a_sentence_of_the_body_is_compared_with_the_one_it_was_taken_from() -> None:
    lead = "截至昨日，主产区累计收购秋粮6000万吨。今年进度快于上年同期。"
    body = "消息说。截至昨日，主产区累计收购秋粮9000万吨。进度很好！"
    found = told("秋粮收购顺利", "秋粮收购顺利", lead, body)
    assert [(one.kind, one.pointer) for one in found] == [("number_changed", "/body")]
    start, end = found[0].span
    assert body[start:end] == "9000万吨"
    assert (
        told("秋粮收购顺利", "秋粮收购顺利", lead, "今年进度快于上年同期。另一句与原文无关的话。")
        == ()
    )


def test_the_day_of_publication_is_known() -> None:
    original = OriginalTexts("新规3月1日起实施", "", date(2026, 3, 5))
    assert title_signals("3月5日消息：新规起实施", "", original) == ()


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("bait_withheld", "涨价的真相竟然是这样"),
        ("bait_withheld", "这三种蔬菜千万别再吃"),
        ("bait_cliffhanger", "男子打开冰箱 下一秒全家惊呆"),
        ("bait_urging", "速看！马上被删"),
        ("bait_majority", "十个人有九个不知道的常识"),
        ("bait_emotion", "震惊！深夜发生这件事"),
        ("bait_promise", "每天一招 轻松瘦十斤"),
        ("bait_stakes", "经常这样吃等于慢性自杀"),
    ],
)
def test_a_title_baits_by_its_build_alone(kind: str, title: str) -> None:
    found = title_signals(title, "", None)
    assert kind in {one.kind for one in found}
    assert is_held(found)


@pytest.mark.parametrize(
    "title",
    [
        "今年养老金怎么涨？一图读懂",
        "专家：“千万不要忽视血压”",
        "最高法发布典型案例",
        "为何北方冬季偏暖 国家气候中心解读",
        "中国女排夺冠！",
        "三九天如何防寒",
        "速看：台风路径有变，这几个镇今晚转移",
    ],
)
def test_an_ordinary_title_does_not_bait(title: str) -> None:
    assert not is_held(title_signals(title, "", None))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=200), st.text(max_size=200))
def test_any_texts_are_judged_and_spans_lie_in_them(
    title: str, original: str, lead: str, body: str
) -> None:
    texts = {"/title": title, "/body": body}
    for one in told(title, original, lead, body):
        start, end = one.span
        assert 0 <= start <= end <= len(texts[one.pointer])


@pytest.mark.parametrize("unit", ["一", "12人", "不", "称：", "这种千万", "3月", "张某某"])
def test_long_texts_take_linear_time(unit: str) -> None:
    title, lead = unit * 100, unit * 700
    started = time.perf_counter()
    told(title, lead[:200] + "完", lead, lead[:500])
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("original", "lead", "popup"),
    [
        ("学校并未停课 正常开放", "教育局说明学校正常开放。", "学校停课系谣言"),
        ("林峰呼吁保护环境 否认引荐堂妹", "林峰出席活动时表示。", "林峰呼吁保护环境"),
        ("回应传闻 公司经营正常", "公司发布公告回应传闻。", "公司经营正常 回应传闻"),
        ("震撼!!国产大片上映", "该片今日上映，口碑不俗。", "国产大片上映!!"),
        ("全年多赚34.5%至11.8亿 派息", "公司全年多赚34.5%。", "派息 全年多赚34.5%至11.8亿"),
        ("日本近海发生地震", "马斯克宣布援助日本震区。", "近海地震 马斯克宣布援助"),
        ("今年怎么过节？专家解读", "专家解读如何过节。", "专家解读：今年怎么过节"),
        ("千分之三的契税明日调整", "税率千分之三。", "契税千分之三 明日调整"),
        ("三分之一受访者熬夜", "三分之一受访者称熬夜。", "约33%受访者熬夜"),
        ("约20至30万人参加马拉松", "组委会公布人数。", "马拉松20万至30万人参加"),
        ("教育部称高考时间安排照旧", "教育部介绍安排。", "高考时间安排照旧"),
        ("展会3月5日开幕", "展会3月5日开幕，3月8日闭幕。", "展会3月8日闭幕"),
        ("数十人聚餐 几百只鸡入锅", "村民聚餐。", "几百只鸡入锅 数十人聚餐"),
        ("数十万人观看演出", "今年有四十万人观看。", "几十万人观看演出"),
        ("荔枝推迟约15天上市", "今年荔枝推迟约15天上市。", "今年荔枝要晚半个月上市"),
        ("图书角开放时间延长", "图书角开放时间为7时至23时。", "图书角每天开放16小时"),
        ("女双三局全胜进决赛", "双方比分为11比7、11比9、12比10。", "女双3比0进决赛"),
        ("铁骑主场2比1战胜海燕", "铁骑2比1击败海燕。", "海燕客场1比2不敌铁骑"),
        ("高铁票价最低打五折", "学生票凭证半价，其余车票八折。", "学生凭证五折"),
        ("车票20日开售", "铁路15日通报，车票20日开售。", "车票五天后开售"),
        ("两农户贴息两个百分点", "农户贷款可享贴息两个百分点。", "农户贷款可贴息2个点"),
        ("首套房贷利率下调", "利率由3.1%下调至3.05%。", "首套房贷利率降5个基点"),
        ("抽检一批次不合格 其余19批次合格", "抽检一批次不合格。", "20批次抽检 一批次不合格"),
        ("近海冷空气到达", "最低气温零下2℃。", "近海气温跌破零度"),
        ("水稻“清禾12”通过审定", "水稻品种通过审定，亩产53公斤。", "“清禾12”通过审定"),
        ("志愿者四分钟救回跑者", "一跑者倒地，志愿者四分钟救回。", "倒地跑者被志愿者救回"),
    ],
)
def test_what_only_looks_like_a_change_is_none(original: str, lead: str, popup: str) -> None:
    assert not is_held(told(popup, original, lead)), told(popup, original, lead)


def test_another_person_from_further_down_is_another_person() -> None:
    lead = "马斯克也在会上发言，张文宏回应了疫苗问题。"
    assert "person_changed" in kinds("马斯克回应疫苗问题", "张文宏回应疫苗问题", lead)


RECALL_FLOOR = 0.91
FALSE_HITS_AT_MOST = 0.023


def test_faithful_titles_of_many_subjects_pass_and_distorted_ones_are_held() -> None:
    held: dict[str, list[bool]] = {"pass": [], "hit": []}
    for expect, popup, original, lead in PAIRS:
        found = told(popup, original, lead)
        held[expect].append(is_held(found))
        for signal in found:
            start, end = signal.span
            assert 0 <= start <= end <= len(popup)
            assert 0 <= signal.weight <= 100
    assert sum(held["hit"]) >= RECALL_FLOOR * len(held["hit"]) > 0
    assert 0 < sum(held["pass"]) <= FALSE_HITS_AT_MOST * len(held["pass"])
