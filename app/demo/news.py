"""The demo's news: invented reports of an invented city, quoted from invented units."""

from typing import Final

from app.demo.cast import TEA, WINDOW
from app.demo.wire import Body, DemoPush, DemoSender, presentation, push

_DAILY: Final = "江州日报社（演示）"
_STATION: Final = "江州广播电视台（演示）"
_EVENING: Final = "海屿晚报社（演示）"

_DAILY_SITE: Final = "https://www.jiangzhou-daily.example/2026/"
_STATION_SITE: Final = "https://news.jztv.example/a/"
_READER: Final = "https://read.chenchuang.example/n/"


def _news(number: str, title: str, text: str, source: Body, **changes: object) -> Body:
    link = {"url": _READER + number, "opens": "in_app"}
    return push("news", title, text, WINDOW, link=link, source=source, **changes)


def _source(unit: str, url: str | None, title: str, **changes: object) -> Body:
    staff = {"author": "本报记者 方知", "editor": "许衡"}
    return {"unit": unit, "url": url, "title": title, **staff} | changes


NEWS: Final = (
    DemoPush(
        "news-emergency-flood",
        DemoSender.NEWSROOM,
        _news(
            "e1",
            "江州市防汛应急响应提升至二级，沿江低洼地区请立即转移",
            "江州站水位预计今晚二十二时超警戒 0.8 米。请沿江街道居民按社区通知有序转移，"
            "安置点二十四小时开放，求助请拨打社区值守电话。",
            _source(
                _STATION,
                _STATION_SITE + "e1",
                "江州市将防汛应急响应提升至二级",
                lead="江州市防汛指挥部今天傍晚决定，将防汛应急响应由三级提升至二级。",
            ),
            urgency="emergency",
            topic="flood-jiangzhou",
        ),
        published=1,
        hours_valid=12,
    ),
    DemoPush(
        "news-metro",
        DemoSender.NEWSROOM,
        _news(
            "n1",
            "江州地铁七号线周末末班车延至二十三时三十分",
            "自本周五起，七号线周五、周六末班车推迟一小时，两端终点站夜班公交同步等候。",
            _source(_DAILY, _DAILY_SITE + "metro-7", "七号线周末延长运营一小时"),
        ),
        published=3,
    ),
    DemoPush(
        "news-wetland",
        DemoSender.NEWSROOM,
        _news(
            "n2",
            "城北湿地迎来今秋第一批候鸟",
            "志愿者首日记录到四百余只大雁。东岸步道本月底前暂不开放，观鸟屋照常。",
            _source(_DAILY, _DAILY_SITE + "wetland", "首批候鸟抵达城北湿地"),
            topic="wetland",
        ),
        published=5,
    ),
    DemoPush(
        "news-libraries",
        DemoSender.NEWSROOM,
        _news(
            "n3",
            "十二家社区图书馆试行夜间开放到二十一点",
            "试行期半年。十八点以后自习室需预约，儿童区闭馆时间不变。",
            _source(_STATION, _STATION_SITE + "lib", "社区图书馆试行延时开放"),
        ),
        published=20,
    ),
    DemoPush(
        "news-clinic",
        DemoSender.NEWSROOM,
        _news(
            "n4",
            "江州十八家社区卫生服务中心可就近接种流感疫苗",
            "即日起可在小程序或现场预约，六十岁以上户籍老人免费接种一剂。",
            _source(_DAILY, _DAILY_SITE + "vaccine", "社区可就近接种流感疫苗"),
            ai_generated="assisted",
        ),
        published=8,
    ),
    DemoPush(
        "news-headline-bait",
        DemoSender.NEWSROOM,
        _news(
            "n5",
            "看完赶紧转！老江桥今晚突然封闭",
            "因例行检修，老江桥今晚二十三时至次日五时封闭，车辆可绕行新江桥。",
            _source(_STATION, _STATION_SITE + "bridge", "老江桥今夜例行检修，请绕行"),
        ),
        published=2,
    ),
    DemoPush(
        "news-old-story",
        DemoSender.NEWSROOM,
        _news(
            "n6",
            "江州老城墙排水涵洞修缮完工",
            "修缮恢复了三处明代涵洞的排水功能，城墙步道重新开放。",
            _source(_DAILY, _DAILY_SITE + "wall", "老城墙涵洞修缮完工"),
        ),
        published=24 * 75,
    ),
    DemoPush(
        "news-unit-without-domain",
        DemoSender.NEWSROOM,
        _news(
            "n7",
            "海屿渡轮恢复通航，首日加开六班",
            "受大风影响停航三天的海屿航线今晨复航，码头加派人手疏导。",
            _source(_EVENING, "https://haiyu-evening.example/ferry", "海屿航线今晨复航"),
        ),
        published=4,
    ),
    DemoPush(
        "news-strange-domain",
        DemoSender.NEWSROOM,
        _news(
            "n8",
            "江州公积金网上办事大厅新增三项业务",
            "异地转移、提前还款预约、还贷委托提取可全程网办。",
            _source(_DAILY, "https://jiangzhou-daily.example.com.info/gjj", "公积金新增网办业务"),
        ),
        published=6,
    ),
    DemoPush(
        "news-hidden-characters",
        DemoSender.NEWSROOM,
        _news(
            "n9",
            "江州机场新\u200b航线下\u200b月开通",
            "每周二、四、六各一班，机票今起开售。",
            _source(_STATION, _STATION_SITE + "air", "江州机场下月开通新航线"),
        ),
        published=7,
    ),
    DemoPush(
        "news-source-not-listed",
        DemoSender.NEWSROOM,
        _news(
            "x1",
            "江州明年将新建三条跨江通道",
            "网传规划图显示，三条通道分别位于城北、城中和城南。",
            _source("江州吃瓜爆料站", "https://bao-liao.example/3", "重磅！三条过江通道要来了"),
        ),
        blocked_by=("popup-05-03-approved-source",),
        published=2,
    ),
    DemoPush(
        "news-untraceable",
        DemoSender.NEWSROOM,
        _news(
            "x2",
            "江州老旧小区加装电梯补贴申请开始",
            "申请截至下月底，每台补贴最高十八万元。",
            _source(_DAILY, _DAILY_SITE + "lift", "加装电梯补贴开始申请", author=None, editor=None),
        ),
        blocked_by=("news-15-traceable",),
        published=9,
    ),
    DemoPush(
        "news-without-licence",
        DemoSender.SHOP,
        push(
            "news",
            "云岭春茶产量创五年新高",
            "今年春茶采摘面积扩大，头春茶本周上市。",
            TEA,
            source=_source(_DAILY, _DAILY_SITE + "tea", "云岭春茶增产"),
        ),
        blocked_by=("popup-05-02-news-licence",),
        published=30,
    ),
    DemoPush(
        "news-impostor",
        DemoSender.NEWSROOM,
        _news(
            "x3",
            "江州中考体育项目明年调整",
            "长跑项目可在两个时段中选择其一，成绩取高。",
            _source(_DAILY, _DAILY_SITE + "exam", "中考体育明年微调"),
            presentation=presentation("江州教育发布"),
        ),
        blocked_by=("popup-05-06-provider-identity",),
        published=10,
    ),
)
