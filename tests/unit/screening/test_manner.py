"""What a text resembles as a whole is told with the stretch that weighed most; ordinary is told."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.signals import ORDINARY, Family, Signal
from app.screening.manner import ADVERTISING, CLAIM, CONTENT, PRETENCE, manner_signals
from app.screening.manner_weights import UNIT, Likeness, Manners, root_of

# Worded otherwise than in any table or lesson.
BAD = {
    ("今晚老地方发牌", "底分一百，赢了当场结，熟人带来的免台费"): "gambling",
    ("先垫后返，一单一清", "你只管下单付款，本金和佣金一起退，做满十单还有红包"): "fraud",
    ("无需到场的学历", "专本硕都能做，网上查得到，钢印水印齐全，先看样再付"): "forged_papers",
}
EVERYTHING = {CONTENT: True, CLAIM: True, ADVERTISING: True}
# Judgement, what it is about, and what resembles it and is in order.
OTHERS = {
    CLAIM: (
        "claim",
        ("涂一次，老烂脚从此绝缘", "祖传方子，三天收口，七天长肉，用过的没有一个说不好。"),
        ("护手霜秋季装到店", "净含量50克，含甘油与乳木果油，两支装29元，过敏体质请先试用。"),
    ),
    ADVERTISING: (
        "undeclared",
        ("入秋喝汤，我只认这一家", "老板说报我名字第二份半价，周末去的记得提前打电话留位。"),
        ("市疾控中心发布秋季健康提示", "早晚温差增大，老人儿童注意保暖，流感疫苗接种已经开始。"),
    ),
}
SOBER = (
    ("市图书馆延长开放时间", "周五周六晚延至21时，自习区座位可提前一天预约。"),
    ("冷空气明日抵达", "最低气温降至3℃，北风4级，请注意添衣保暖。"),
    ("警方通报一起开设赌场案", "抓获嫌疑人12名，冻结资金三百万元，案件正在办理中。"),
)
TINY = Manners(
    {
        "a": "## a note\n-200\tone=0\ttwo=-100\n甲乙\t4000\tTP\n乙\t-40\tPP\n",
        "b": "-200\tthree=0\n丙\t4000\tP\n",
    }
)


def fields_of(*texts: str) -> list[tuple[str, str]]:
    return [(f"/{number}", text) for number, text in enumerate(texts)]


def the_only(signals: tuple[Signal, ...]) -> Signal:
    (signal,) = signals
    assert signal.family is Family.MANNER
    return signal


@pytest.mark.parametrize(("texts", "kind"), BAD.items(), ids=BAD.values())
def test_wording_that_no_list_has_is_met_by_its_manner(texts: tuple[str, str], kind: str) -> None:
    signal = the_only(manner_signals(fields_of(*texts), {CONTENT: False}))
    assert signal.kind == kind
    assert signal.weight >= 40
    text = texts[int(signal.pointer[1:])]
    start, end = signal.span
    assert 0 <= start < end <= len(text)
    words = str(signal.params["words"]).split("、")
    assert 1 <= len(words) <= 5
    assert all(any(word in text for text in texts) for word in words)


@pytest.mark.parametrize("texts", SOBER, ids=[title for title, _ in SOBER])
def test_sober_wording_is_ordinary_and_said_to_be_so_only_when_asked(
    texts: tuple[str, str],
) -> None:
    assert manner_signals(fields_of(*texts), {CONTENT: False}) == ()
    signal = the_only(manner_signals(fields_of(*texts), {CONTENT: True}))
    assert (signal.kind, signal.pointer, signal.span) == (ORDINARY, "/0", (0, 0))
    assert signal.weight >= 75
    assert signal.params == {"of": CONTENT}


@pytest.mark.parametrize("name", OTHERS)
def test_claims_and_selling_have_their_manner_too(name: str) -> None:
    kind, bad, sober = OTHERS[name]
    signal = the_only(manner_signals(fields_of(*bad), {name: False}))
    assert signal.kind == kind
    assert signal.weight >= 40
    signal = the_only(manner_signals(fields_of(*sober), {name: True}))
    assert (signal.kind, signal.params) == (ORDINARY, {"of": name})


@pytest.mark.parametrize(
    ("title", "body", "claims"),
    [
        ("壮阳药三天见效", "纯中药，一个疗程根治阳痿早泄", True),
        ("吃它降糖，停药也不怕", "纯植物胶囊，三个月血糖恢复正常，已有八万人告别胰岛素", True),
        ("一贴治好腰突", "祖传膏药，三天下地，七天不疼，全国包邮", True),
        ("专家提醒：壮阳保健品多含西药", "抽检发现非法添加那非类成分，切勿自行服用", False),
        ("高血压患者冬季要注意这几点", "医生建议按时服药，定期测量血压", False),
        ("流感疫苗今日开打", "市疾控提醒老人儿童优先接种", False),
    ],
)
def test_false_claims_are_met_in_any_push_and_health_news_is_left_alone(
    title: str, body: str, *, claims: bool
) -> None:
    found = manner_signals([("/title", title), ("/body", body)], {PRETENCE: False})
    assert [one.kind for one in found] == (["pretence"] if claims else [])


def test_judgements_speak_in_order_and_each_for_itself() -> None:
    _, claim, sober = OTHERS[CLAIM]
    first, *_ = manner_signals(fields_of(*claim), {CLAIM: True, CONTENT: True})
    assert first.kind == "claim"
    found = manner_signals(fields_of(*sober), {CLAIM: True, CONTENT: True})
    assert [(one.kind, one.params["of"]) for one in found] == [
        (ORDINARY, CLAIM),
        (ORDINARY, CONTENT),
    ]


def test_words_that_report_take_weight_away() -> None:
    told = "警方提醒：此类话术均为诈骗，已有多人被骗。"
    (offer, _), *_ = BAD.items()
    alone = the_only(manner_signals(fields_of(*offer), {CONTENT: True}))
    quoted = the_only(manner_signals(fields_of(*offer, told), {CONTENT: True}))
    assert quoted.kind == ORDINARY or quoted.weight < alone.weight


def test_what_disguises_letters_changes_no_manner() -> None:
    (offer, kind), *_ = BAD.items()
    spread = ["-".join(text) for text in offer]
    signal = the_only(manner_signals(fields_of(*spread), {CONTENT: False}))
    plain = the_only(manner_signals(fields_of(*offer), {CONTENT: False}))
    assert (signal.kind, signal.weight) == (kind, plain.weight)


def test_no_text_resembles_anything() -> None:
    assert manner_signals([], {CONTENT: True}) == ()
    assert manner_signals(fields_of("", "！！！"), {CONTENT: False}) == ()


def test_each_judgement_weighs_its_own_n_grams() -> None:
    letters = ("甲乙", "丙")
    numbers = {one[0] for one in TINY.find(letters)}
    root = root_of(letters)
    first = TINY.weights["a"].likeness(numbers, root)
    assert first == Likeness(round(50 + 25 * (-200 + 3960 / root + 100 / root) / UNIT), "one")
    second = TINY.weights["b"].likeness(numbers, root)
    assert second == Likeness(round(50 + 25 * (-200 + 4000 / root) / UNIT), "three")
    assert TINY.weights["a"].likeness(set(), root) == Likeness(20, None)


def test_what_is_far_from_all_has_no_kind_and_weights_stay_in_bounds() -> None:
    table = "0\tone=0\n甲\t90000\tP\n乙\t-90000\tP\n"
    weights = Manners({"a": table}).weights["a"]
    assert weights.likeness({0}, 1.0) == Likeness(100, "one")
    assert weights.likeness({1}, 1.0) == Likeness(0, None)


def test_letters_said_twice_count_once() -> None:
    assert root_of(("甲" * 400, "甲乙")) == root_of(("甲乙",))
    assert root_of(("".join(map(chr, range(0x4E00, 0x4E64))),)) == 10.0


@given(st.lists(st.text(st.characters(), max_size=30), min_size=1, max_size=3), st.booleans())
def test_any_text_gets_the_same_signals_twice_with_spans_inside(
    texts: list[str], is_offered: bool
) -> None:
    fields = fields_of(*texts, *(next(iter(BAD)) if is_offered else ()))
    signals = manner_signals(fields, EVERYTHING)
    assert signals == manner_signals(fields, EVERYTHING)
    for signal in signals:
        start, end = signal.span
        assert 0 <= start <= end <= len(dict(fields)[signal.pointer])
        assert 0 <= signal.weight <= 100
        assert (start == end) == (signal.kind == ORDINARY)


def seconds(text: str) -> float:
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        manner_signals(fields_of(text), EVERYTHING)
        taken.append(time.perf_counter() - started)
    return min(taken)


def test_time_grows_with_the_length_of_a_text_and_no_faster() -> None:
    ((_, body), _), *_ = BAD.items()
    once = seconds(body * 50)
    # Eight times the text; square growth would take 64 times as long.
    assert seconds(body * 400) < 24 * once
