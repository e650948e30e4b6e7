"""How people write whom to turn to: numbers, names behind a cue, ways, addresses."""

import re
from typing import Final

# Letters that are digits to a reader, one for one, so that places stay the same.
NUMERALS: Final = str.maketrans(
    "幺一二三四五六七八九零〇壹贰叁肆伍陆柒捌玖两", "1123456789001234567892"
)

LONG_NUMBER: Final = re.compile(r"\d{7}")
MOBILE: Final = re.compile(r"(?<!\d)(?:86)?(1[3-9]\d{9})(?!\d|[元人万亿户家件台辆吨股])")
LANDLINE: Final = re.compile(r"(?<!\d)(0(?:10|2\d|[3-9]\d\d)\d{7,8})(?!\d)")

# The words that each kind of channel is called by; the first that fits names the kind.
CALLED: Final = {
    "group": r"微信群号?|q群号?|群号|裙号?|君羊|交流群|福利群|粉丝群|内部群|加群|进群|入群",
    "wechat": (
        r"微信|威信|薇信|徽信|维信|微伩|v信|vx|wx|weixin|wechat|微号|薇号|卫星号|"
        r"加[您你我]?微|加[您你我]?薇"
        r"|加[您你我]?v(?!ip)|加威|[微薇]我|[微薇](?=[a-z0-9]{5})"
    ),
    "qq": r"qq|扣扣|企鹅号?|q号|扣(?=\d{6})|(?<![a-z])q(?=\d{6})",
    "telegram": r"电报|telegram|(?<![a-z])tg|纸飞机|飞机号?|蝙蝠|whatsapp|skype|potato",
}
_FILLER: Final = (
    r"(?:号码|号|账号|帐号|id|同号|同步|联系|咨询|搜索|搜|添加|请加|加|是|为|"
    r"客服|老师|经理|助理|群主|群|我|好友|详询|拉)"
)
NAMED: Final = re.compile(
    "(?:"
    + "|".join(f"(?P<{kind}>{called})" for kind, called in CALLED.items())
    + rf")(?P<filler>{_FILLER}{{0,3}})"
    r"(?P<name>[a-z][a-z0-9]{4,19}|\d{5,12})(?![a-z0-9]|[年月日版元万亿人%])"
)

# Latin words behind the name of a program that are no name of a person.
_PROGRAMS = "windows android iphone music video version wechat weixin china group mobile telegram"
NO_NAMES: Final = frozenset(_PROGRAMS.split())

_WAYS: Final = (
    r"微信|威信|薇信|徽信|v信|vx|wx|扣扣|qq|企鹅|电报|tg|纸飞机|飞机号|好友群|微信群|"
    r"福利群|内部群|交流群|粉丝群|专属群|资料群|资源群|"
    r"客服微|群聊|[微薇](?![a-z\u4e00-\u9fff])|"
    r"[微薇](?=[领送拿看获备进拉详免发聊询了送私])|[v](?![a-z0-9])|"
    r"[群裙](?![众岛山像主体书星])"
)
_WHO: Final = (
    r"(?:[您你我]|一下|下方|上方|下面|老师|客服|群主|管理员|助理|经理|小编|本人|主播|助教|"
    r"顾问|官方|专属|专员|指导|"
    r"的|个|码|入|进|们|免费|好友|企业|工作|销售|学姐|学长|店主|老板){0,3}"
)
_NOT_A_PERSON: Final = (
    r"(?!公众|公号|小程序|支付|红包|客户端|视频号|读书|运动|发票|"
    r"城市服务|医保|步数|版|官方账号|官微|搜一搜|平台|功能|群聊功能)"
)
ASKED: Final = re.compile(
    rf"(?:添加|加|扫|搜索|搜|进|入|拉|私|滴|戳|联系|咨询|留下|留|"
    rf"扣){_WHO}(?:{_WAYS}){_NOT_A_PERSON}"
    r"|扫码(?:添加|加入|加|进群|入群|领群)|[加十+➕]{1}v(?![a-z0-9])|拉[您你]进|拉[您你]入"
    r"|评论区扣|公屏扣|扣[01一]|私信我|私聊我|私我|滴滴我|微我|薇我|"
    r"加我[领拿看送聊获私详备]|加我好友|加好友领"
    r"|(?:请|可|欢迎|马上|立即|速)?私信(?:[领取拿获咨询了解回复小编老师客服客户])|"
    r"主页有(?:联系|方式|微|电话|链接)|看(?:我)?主页|(?:点|看)(?:我)?头像"
    r"|联系方式(?:在|见)(?:主页|评论|简介|头像)"
)
HINTED: Final = re.compile(
    r"进主页|去主页|主页(?:联系|咨询|领取|自取|置顶)|简介(?:联系|有联系|自取)|评论区(?:见|"
    r"置顶|链接|自取|留|领)|置顶评论|后台(?:私信|回复|留言)"
    r"|长按识别|识别二维码|扫描二维码|扫(?:下方|上方|下面|描)?(?:二维码|码)(?:领|进|看|"
    r"咨询|添加|获取)|私信|私聊|留下?(?:电话|联系方式)|公众号回复|回复(?:关键词|暗号)"
)

_ENDINGS: Final = (
    r"com|cn|net|org|cc|top|vip|xyz|info|shop|club|site|online|fun|icu|ltd|"
    r"tv|me|app|live|link|pro|wang"
)
_SPACED: Final = "|".join(
    r"\s*".join(ending) for ending in ("com", "cn", "net", "cc", "vip", "top", "xyz")
)
SITE: Final = re.compile(
    rf"(?<![a-z0-9@._-])(?:https?://)?((?:[a-z0-9-]+\.)+(?:{_ENDINGS}))(?![a-z0-9.-]*[a-z0-9])"
)
SPOKEN_SITE: Final = re.compile(
    rf"(?<![a-z0-9])([a-z0-9][a-z0-9 -]*?)\s*(?:点|丶|dot|[(（【\[]\s*[点.]\s*[)）】\]]|"
    rf"[。．·•])\s*(?:{_SPACED})"
    r"(?![a-z0-9])"
)
MAIL: Final = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
SPOKEN_MAIL: Final = re.compile(
    r"[a-z0-9][a-z0-9._+-]{2,}\s*(?:#|艾特|圈a|\(at\)|（at）|\[at\]|【at】| at )\s*"
    r"(?:qq|163|126|gmail|sina|foxmail|hotmail|outlook)(?![a-z0-9])"
)

# A text without any of these holds no address.
SPELLS: Final = re.compile(
    r"[A-Za-z0-9]\s{0,2}(?:[.@点丶。．·•#]|dot|艾特|圈[aA]|[(（【\[])|[A-Za-z0-9] at [a-zA-Z0-9]"
)
# Endings that cost next to nothing and are seldom a company's own.
CHEAP: Final = re.compile(
    r"\.(?:cc|top|vip|xyz|club|site|online|fun|icu|ltd|live|link|pro|wang|shop)$"
)
# A plus as the word for adding somebody.
PLUS: Final = re.compile(r"➕|[+＋](?=\s?[vVｖＶ微薇qQ扣])")
# In front of an address: somebody is told to go there.
GO_THERE: Final = re.compile(
    r"(?:登录|访问|打开|输入|浏览器|网址|官网|复制|进入|戳|点击|请上|搜索)[^，。！!]{0,8}$"
)

# What a text holds if any of the patterns may be in it; looked for first, all at once.
_SIGNS = """
    微信 威信 薇信 徽信 维信 微伩 v信 vx wx weixin wechat 微号 薇 卫星号 加微 加您微 加你微
    加我 加v 加威 微我 扣 qq 企鹅 q群 q号 电报 telegram tg 飞机 蝙蝠 whatsapp skype potato
    群号 裙 君羊 交流群 福利群 粉丝群 内部群 加群 进群 入群 专属群 资料群 资源群 好友群 群聊
    私信 私聊 私我 滴滴我 主页 头像 评论 后台 简介 群主v 老师v 客服v 助理v 一下v 老师微 扫码
    二维码 识别 留电话 留下 留联系 公屏 公众号回复 回复关键 回复暗号 拉你 拉您 联系方式 加好友
    """
SIGNS: Final = tuple(_SIGNS.split())

# A number for the public good or for a delivery is no bait.
PUBLIC: Final = re.compile(
    r"线索|举报|报警|民警|派出所|求助|救援|寻人|走失|应急|防汛|值班|投诉|监督|志愿|捐|"
    r"热线|公告|采访|核酸|社区|"
    r"快递|取件|骑手|司机|配送|外卖|师傅|物业|管家|尾号|预约号|订单|客服"
)
