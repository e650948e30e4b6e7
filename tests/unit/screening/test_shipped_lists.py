"""The lists that Popgate ships find solicitation and leave ordinary news alone."""

import pytest

from app.domain.screening import Excuse, Severity, Technique, TermCategory, Tier
from app.screening.screener import Screener
from tests.fixtures.screening import TODAY

SOLICITATIONS = {
    "新用户注册送彩金，真人荷官在线发牌": TermCategory.GAMBLING,
    "兼职刷单日结300元，先垫付后返现": TermCategory.FRAUD,
    "同城约炮，寂寞少妇在线": TermCategory.PORNOGRAPHY,
    "冰毒货源稳定，可试货": TermCategory.DRUGS,
    "高压气枪货到付款，铅弹批发": TermCategory.WEAPONS,
    "专业办证刻章，代开发票": TermCategory.FORGED_PAPERS,
    "黑户可贷，不看征信秒放款": TermCategory.ILLEGAL_FINANCE,
    "代查开房记录、通话清单": TermCategory.PERSONAL_DATA_TRADE,
    "祖传秘方根治糖尿病，无效退款": TermCategory.FALSE_ADVERTISING,
    "99%的人都不知道！速看马上被删": TermCategory.CLICK_BAIT,
    "学生电子烟包邮，相约自杀群": TermCategory.HARM_TO_MINORS,
    "这个贱人真不要脸的东西": TermCategory.VULGARITY,
    "本店招聘，不招河南人": TermCategory.DISCRIMINATION,
}
REPORTS = (
    "警方提醒：“注册送彩金”“首存送彩金”都是网络赌博的诱饵",
    "“性感荷官在线发牌”背后：一个跨境赌博团伙的覆灭",
    "浏览器弹出“澳门首家线上赌场上线啦”，大学生一个月输掉学费",
    "警惕“刷单日结”“点赞赚佣金”，多名宝妈被骗",
    "彩票中奖后领奖需缴纳个人所得税，税务部门这样解释",
    "银保监局提示：“黑户可贷”“不看征信”多为贷款骗局",
    "“高价收卡”等于帮凶？三人收银行卡四件套获刑",
    "“跟单稳赚”投资群全是托，警方抓获四十余人",
    "城管清理小广告，对涉及办证刻章的号码停机",
    "记者暗访“毕业证代办”产业链，高仿证件几百元一张",
    "男子网上发布自制炸药教程，被判处有期徒刑",
    "平台不得为弩箭出售提供信息服务，两网站被约谈",
    "贩卖“炼铜资源”牟利，被告人一审获刑十年",
    "法院：提供冰毒货源者同样构成贩卖毒品罪",
    "掌握冰毒制作方法的化学老师落网记",
    "三唑仑购买须凭处方，药店违规销售被吊销许可证",
    "记者卧底“代查开房记录”黑产，社工库查询一次二百元",
    "轻信“美女上门服务”，男子被骗三万元",
    "“免费看黄”App暗藏木马，两千人通讯录被盗",
    "遭遇裸聊敲诈怎么办？民警解析“一对一裸聊”陷阱",
    "棋牌上下分交易涉嫌开设赌场罪，最高法发布典型案例",
)
ORDINARY = (
    "警方捣毁一处赌博窝点，抓获十余人",
    "最高法发布电信网络诈骗典型案例",
    "国家药监局：三批次药品抽检不合格",
    "成人高考今日开考，全省二十万人参加",
    "从中出发，游客可乘高铁直达",
    "美国会通过临时拨款法案",
    "央行：保持流动性合理充裕",
    "女足亚洲杯：中国队三比二逆转韩国队夺冠",
    "新款手机发布，支持120W快充",
    "教育部：严禁中小学教师有偿补课",
    "海关查获走私象牙制品二百余件",
    "今年第9号台风将于明日登陆",
    "楼市观察：一线城市二手房成交回暖",
    "A股三大指数集体收涨，创业板指涨逾2%",
    "公安部：持枪抢劫案嫌疑人落网",
    "银行提醒：办理信用卡请到营业网点",
    "我国科学家首次实现量子纠缠分发",
    "中小学生防溺水安全提示",
    "今晚8点直播：国庆烟花晚会",
    "食用油价格连续三周下降",
    "即日起可通过人脸识别服务办理退休认证",
    "请上传身份证正反面照片完成实名认证",
    "完善车主资料，领取洗车优惠券",
    "您的积分即将清零，请尽快使用",
    "新剧今晚开播，剧情高潮不断",
    "草坪婚礼上夫妻交换戒指",
    "周末一起开黑吃鸡吧",
    "女拳手夺得世界冠军",
    "乡巴佬卤蛋第二件半价",
    "沙比利实木家具直降千元",
    "安兔兔跑分平台公布本月榜单",
    "纯棉床上四件套出售，支持七天无理由退货",
    "主力资金盘中净流入超百亿元",
    "英国手机窃听案开庭审理",
    "祝你妈妈母亲节快乐",
    "国内射击世界杯选拔赛收官",
    "出口活跃带动港口吞吐量增长",
    "集中出台一批便民措施",
    "开心水果店新店开业",
    "特色图书展今日开幕",
    "今日你好，早安播报",
    "我操作系统课程上线啦",
    "中医扶阳学派研讨会召开",
    "比亚迪回应员工宿舍调整",
    "不足交费将影响用电，请及时充值",
    "全家一起读书，打卡领书签",
    "新能源车险保费如何计算？专家解读",
    "2026年国考报名今日截止",
    "银联：春节期间交易额再创新高",
    "一图看懂个人所得税汇算清缴",
    "法国凡尔赛宫将限制每日客流",
    "《凡尔赛和约》签订始末",
    "印度支那半岛多国遭遇洪水",
    "缅甸密支那机场恢复通航",
    "阿尼哥与白塔寺的故事",
    "象棋残局：卧槽马的三种用法",
    "家用扩胸器怎么选",
    "三千年前的炼铜遗址出土坩埚",
    "电脑屏幕闪烁怎么办",
    "代数公开课：什么是内射模",
    "三黄片说明书更新",
    "古籍拍卖一纸千金",
)
# What an exempting phrase excuses is the phrase, and not what stands beside it.
BESIDE = {
    "去凡尔赛宫前先看这条凡尔赛文案": "凡尔赛",
    "扩胸器练出的胸器": "胸器",
    "电脑屏幕前的脑屏幕训练": "脑屏幕",
}


@pytest.mark.parametrize(("text", "category"), SOLICITATIONS.items())
def test_a_solicitation_is_found_in_its_category(
    shipped_screener: Screener, text: str, category: TermCategory
) -> None:
    report = shipped_screener.screen([("/body", text)], on=TODAY)
    assert category in {hit.category for hit in report.hits}


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_headline_is_left_alone(shipped_screener: Screener, text: str) -> None:
    assert shipped_screener.screen([("/title", text)], on=TODAY).hits == ()


def test_every_term_finds_itself(shipped_screener: Screener) -> None:
    for term in shipped_screener.lexicon.terms:
        if term.severity is Severity.DISGUISED:
            continue
        report = shipped_screener.screen([("/body", f"。{term.text}。")], on=TODAY)
        assert any(
            hit.category is term.category and hit.severity is term.severity
            for hit in report.hits
            if hit.span == (1, 1 + len(term.text))
        ), term


def test_a_word_marked_for_its_disguises_is_left_alone_until_it_is_disguised(
    shipped_screener: Screener,
) -> None:
    marked = [t for t in shipped_screener.lexicon.terms if t.severity is Severity.DISGUISED]
    assert marked
    for term in marked:
        plain = shipped_screener.every_hit(f"。{term.text}。", on=TODAY)
        assert term.text not in {hit.term for hit in plain if hit.list_id == term.list_id}
        unseen = f"。{term.text[0]}\u200b{term.text[1:]}。"
        (hit,) = (
            hit
            for hit in shipped_screener.every_hit(unseen, on=TODAY)
            if (hit.list_id, hit.term) == (term.list_id, term.text)
        )
        assert (hit.severity, hit.techniques) == (Severity.HOLD, (Technique.HIDDEN,)), term


def test_no_term_is_listed_twice_in_one_category(shipped_screener: Screener) -> None:
    terms = [(term.category, term.text) for term in shipped_screener.lexicon.terms]
    assert len(terms) == len(set(terms))


def test_only_the_operator_fills_the_political_and_security_lists(
    shipped_screener: Screener,
) -> None:
    empty = {one.category for one in shipped_screener.lexicon.lists if not one.terms}
    assert empty == {TermCategory.POLITICAL, TermCategory.SECURITY}


def test_nothing_but_illegal_content_and_abuse_is_marked_exact(shipped_screener: Screener) -> None:
    exact = [t for t in shipped_screener.lexicon.terms if t.severity is Severity.EXACT]
    lesser = {t.category for t in exact if t.category.tier is not Tier.ILLEGAL}
    assert lesser <= {TermCategory.VULGARITY, TermCategory.HARM_TO_MINORS}


@pytest.mark.parametrize("text", REPORTS)
def test_nothing_that_reports_and_warnings_quote_is_marked_exact(
    shipped_screener: Screener, text: str
) -> None:
    """An exact term blocks, in a report too, and no reviewer can clear a block."""
    report = shipped_screener.screen([("/title", text)], on=TODAY)
    assert [hit.term for hit in report.hits if hit.severity is Severity.EXACT] == []


@pytest.mark.parametrize(("text", "term"), BESIDE.items())
def test_an_exempting_phrase_excuses_nothing_beside_it(
    shipped_screener: Screener, text: str, term: str
) -> None:
    report = shipped_screener.screen([("/title", text)], on=TODAY)
    assert [hit.term for hit in report.hits] == [term]
    assert report.hits[0].span[0] == text.rindex(term)
    assert [one.excuse for one in report.excused] == [Excuse.EXEMPTION]
