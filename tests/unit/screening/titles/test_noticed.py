"""What a title changed is noticed under its sign, whatever it weighs, and what it kept is not."""

import pytest

from app.screening.titles.judge import OriginalTexts, title_signals, title_signs


def signs(popup: str, original: str, lead: str) -> set[str]:
    told = title_signs(popup, OriginalTexts(original, lead, None))
    return {name for name, share in told.items() if share}


@pytest.mark.parametrize(
    ("sign", "original", "lead", "popup"),
    [
        (
            "number_changed/head",
            "全市快递业务量同比增长23.8%",
            "全市快递业务量同比增长23.8%，业务收入31亿元，增长17.5%。",
            "全市快递业务收入同比增长23.8%",
        ),
        (
            "reversed/number",
            "羊毛价格分级走势不一",
            "细羊毛每公斤涨0.8元，粗羊毛跌0.5元。",
            "细羊毛涨0.8元，粗羊毛涨0.5元",
        ),
        (
            "reversed/clause",
            "石榴丰收 合作社拓展销路",
            "产量增加两成，收购价与去年基本持平。",
            "石榴增产两成，收购价随之下滑",
        ),
        ("reversed/clause", "马术队获团体亚军", "马术队列第二，北原队夺冠。", "马术队获团体第一"),
        ("reversed/lead", "医保缴费标准调整", "每人420元，比上年提高20元。", "医保缴费降至420元"),
        ("reversed/beside", "观鸟记录213种", "记录213种，比去年多9种。", "观鸟213种，比去年少9种"),
        ("cause_added/because", "旧书店搬迁", "书店因租约到期搬迁。", "旧书店因经营困难搬迁"),
        ("number_changed", "轴承投用", "噪声75响左右，能耗低约18%。", "轴承能耗降低八成"),
        (
            "person_changed/bound",
            "棋手崔明执黑胜出夺冠 韩越获亚军",
            "决赛中崔明执黑中盘胜韩越，首夺冠军。",
            "棋手韩越执白胜出夺冠",
        ),
        ("time_changed/period", "班列前10月开行612列", "1至10月开行612列。", "班列10月开行612列"),
        (
            "time_changed/bound",
            "前三季度生产总值增长5.6%",
            "前三季度生产总值增长5.6%，第三季度增长4.9%。",
            "三季度生产总值增长5.6%",
        ),
        (
            "roles_exchanged/passive",
            "泓达纸业吸收合并子公司",
            "泓达纸业公告吸收合并泓达包装。",
            "泓达纸业被子公司吸收合并",
        ),
        (
            "negation_added/lead",
            "考生起诉高校被驳回",
            "法院认为招生章程公开透明。",
            "法院认定高校招生章程不透明",
        ),
        (
            "negation_dropped/lead",
            "球迷投掷水瓶被罚",
            "足协通报，比赛未中断。",
            "球迷投掷水瓶，比赛中断",
        ),
        (
            "negation_dropped/lead",
            "流域结束汛期调度",
            "今年汛期未发生超警戒洪水。",
            "流域今年多次发生超警戒洪水",
        ),
        (
            "negation_dropped/lead",
            "教练因违规手续被警告",
            "教练未按期办理豁免，未发现使用兴奋剂。",
            "教练因使用兴奋剂受到警告",
        ),
        (
            "negation_dropped/object",
            "消协解答延误发货",
            "商家违约，不直接适用退一赔三。",
            "延误发货可适用退一赔三",
        ),
        ("negation_added/title", "员工受伤认定工伤", "法院认定工伤。", "员工受伤不算工伤"),
        ("scope_changed/add-whole", "大棚积雪受损", "雪压塌大棚12座。", "全省大棚积雪受损"),
        ("modality_changed/add-sure", "研究提示咖啡有益", "研究提示喝咖啡有益。", "喝咖啡坐实有益"),
        ("claim_added/add-grave", "水上乐园开园", "首日接待三千人。", "水上乐园开园发生踩踏"),
        ("subject_missing/add-withheld", "两市联合开通公交", "公交昨日开通。", "这两地开通公交"),
        ("doubt_dropped/lose-plan", "市里拟调整票价", "市里拟调整票价。", "市里票价变了"),
        ("claim_added/unsaid-loaded", "渡轮乘客落水获救", "船员救起乘客。", "船员冷漠惨剧重演"),
        ("claim_added/unsaid-deed", "渡轮乘客落水获救", "船员救起乘客。", "渡轮乘客抱怨"),
        ("claim_added/unsaid-thing", "渡轮乘客落水获救", "船员救起乘客。", "渡轮乘客的雨伞"),
        ("attribution_dropped/lay", "网友：景区强制消费", "网友发帖。", "景区强制消费"),
        ("subject_missing/vague", "特斯拉召回汽车", "特斯拉召回汽车。", "某知名车企召回汽车"),
        ("question_added", "抽检全部合格", "抽检全部合格。", "抽检全部合格？"),
    ],
)
def test_a_change_is_noticed(sign: str, original: str, lead: str, popup: str) -> None:
    assert sign in signs(popup, original, lead)


@pytest.mark.parametrize(
    ("sign", "original", "lead", "popup"),
    [
        ("claim_added/number", "理财逾期3000万元", "已收回2000万元。", "本金3000万还差1000万"),
        ("claim_added/number", "空调租赁每间200元", "每间200元，4人分摊。", "每人均摊50元"),
        ("claim_added/number", "前三季度增长5.6%", "前三季度增长5.6%。", "九个月增长5.6%"),
        ("claim_added/number", "不适用七日无理由退货", "七日无理由不适用。", "七天无理由不适用"),
        ("claim_added/number", "动车停运", "停运动车。", "两列动车停运"),
        ("claim_added/number", "药价降至2002元", "药价由2200元降至2002元。", "药价便宜198元"),
        ("claim_added/number", "珊瑚成活率71%", "移植1200株，成活率71%。", "约850株珊瑚成活"),
        ("claim_added/number", "借阅量增长", "借书21.4万册，是去年的两倍。", "去年借书10万余册"),
        ("claim_added/number", "票房占一成", "海外票房占10%。", "每10元有1元来自海外"),
        ("claim_added/number", "8台未告知", "40台中8台未告知维修。", "五台里有一台未告知"),
        ("claim_added/number", "占比公布", "416家中398家发放。", "96%的企业发放"),
        ("number_changed", "磁材上调2%至3%", "磁材上调2%至3%。", "磁材上调两三个点"),
        ("number_changed", "最长领24个月", "最长领24个月。", "最长领两年"),
        ("number_changed", "研究纳入1.6万人", "纳入1.6万人。", "万人研究公布"),
        ("cause_added/because", "两车追尾", "两车追尾，原因待查。", "追尾原因正在调查"),
        ("number_changed", "两名幼童推搡", "两名幼童推搡。", "两个孩子推搡"),
        ("number_changed", "机收率94%", "机收率94%。", "机收率九成四"),
        ("number_changed", "机收率95%", "机收率95%。", "机收率九成半"),
        ("number_changed", "占万分之三", "占万分之三。", "占0.03%"),
        ("number_changed", "连值夜班不超过两个", "夜班不超过两个。", "夜班不超两个"),
        (
            "number_changed/head",
            "摊位由120个减至80个",
            "夜市恢复营业，摊位由120个减至80个。",
            "夜市摊位缩成80个",
        ),
        (
            "number_changed/head",
            "缴费标准调至420元",
            "缴费标准为420元，比上年提高20元。",
            "缴费标准每年多20元",
        ),
        ("negation_added/lead", "教练谈退役", "是否退役赛季后再定。", "退不退役赛季后再定"),
        ("negation_dropped/bare", "阿胶不能替代治疗", "阿胶不能替代。", "阿胶替代不了治疗"),
        ("negation_dropped/object", "水质合格", "未发现超标。", "水质没有超标"),
        (
            "negation_dropped/lead",
            "球迷投掷水瓶",
            "上半场比赛未中断，下半场中断十分钟。",
            "球赛中断",
        ),
        ("question_added", "限产传闻不实", "企业例行检修。", "限产了吗？企业只是例行检修"),
        ("claim_added/add-grave", "企业例行检修", "企业例行检修。", "停产？企业只是例行检修"),
        ("modality_changed/talk-deal", "球队接触后卫", "尚未签约。", "球队后卫还没签约"),
        ("modality_changed/candidate-winner", "新药申请上市", "新药昨日获批。", "新药上市获批"),
        ("reversed/lead", "球员谈未来", "球员去年退出国家队。", "球员加入新队"),
        ("negation_added/lead", "列车开行", "列车开行。", "村民不抱怨列车"),
        ("reversed/clause", "净利润下降 营收增长", "净利润下降。", "公司增收减利"),
        ("doubt_dropped/drop-rumor", "网传鱼汤天价", "网传鱼汤天价。", "“天价”鱼汤明码标价"),
        ("time_changed", "10月物价上涨", "10月物价上涨。", "10月物价比9月上涨"),
        ("subject_missing/add-withheld", "列车开行三十年", "列车票价8元。", "列车开行，村民都坐它"),
        ("exaggeration_added/super", "北线计划开工", "计划明年开工。", "北线最快明年开工"),
        ("person_changed/bound", "马云谈马云", "马云谈教育。", "马云谈教育"),
        ("roles_exchanged/passive", "业主被打", "业主被打。", "业主被打了"),
        ("roles_exchanged/passive", "员工捡到手机", "员工捡到手机。", "手机被员工捡到"),
    ],
)
def test_what_is_kept_in_other_words_is_not_noticed(
    sign: str, original: str, lead: str, popup: str
) -> None:
    assert sign not in signs(popup, original, lead)


def test_a_letter_of_a_name_is_no_word_that_does_something() -> None:
    assert "condition_dropped/drop-condition" not in signs(
        "女子百米纪录被打破", "秦若岚打破女子百米纪录", "秦若岚打破纪录。"
    )


def test_a_slight_change_is_left_open_where_no_lead_was_handed_in() -> None:
    original = OriginalTexts("渡轮乘客落水获救", "", None)
    assert "一定" not in str(title_signals("渡轮乘客一定抱怨", "", original))


def test_what_weighs_nothing_is_no_signal() -> None:
    original = OriginalTexts("学校组织春游", "学校组织学生春游。", None)
    assert title_signals("学校组织学生春游", "", original) == ()
