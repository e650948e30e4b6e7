"""The words, in both languages, for what is wrong with a proposed policy."""

from typing import Final

from app.domain.policy_faults import PolicyFault
from app.errors import FieldProblem, Invalid, Words

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "bad_id": (
        "编号须为小写字母、数字和连字符，最多 40 个字符",
        "An id has up to 40 lower-case letters, digits and hyphens",
    ),
    "repeated": ("上限编号 {id} 重复", "Two caps have the id {id}"),
    "negative": (
        "上限不能是负数，须在 0 到 {highest} 之间",
        "A limit is not negative: 0 to {highest}",
    ),
    "too_high": ("上限过大，须在 0 到 {highest} 之间", "The limit is too high: 0 to {highest}"),
    "limit_is_fixed": (
        "最短间隔的上限固定为 1，免打扰时段固定为 0；此处应为 {limit}",
        "A gap takes 1 and quiet hours take 0: the limit here is {limit}",
    ),
    "never_free": (
        "上限为 0 时永远没有空位，不能选择推迟或替换",
        "With a limit of 0 there is never room: it can neither defer nor replace",
    ),
    "replaces_for_each_only": (
        "只有按每位接收用户计数的上限可以选择替换",
        "Only a cap that counts for each recipient can replace",
    ),
    "unknown_zone": ("没有名为 {zone} 的时区", "There is no time zone called {zone}"),
    "span_out_of_range": (
        "时长须在 1 分钟到 31 天之间",
        "The span is from 1 minute to 31 days",
    ),
    "bad_time": ("时刻须在 00:00 到 23:59 之间", "A time of day is from 00:00 to 23:59"),
    "quiet_all_day": (
        "免打扰的开始和结束相同，会成为全天",
        "Quiet hours that end when they begin would last all day",
    ),
    "bad_per": ("计数维度每项只选一次", "Each key of a count is named once"),
    "recipients_have_surfaces": (
        "接收用户已按展示端区分，不必再选展示端",
        "A recipient belongs to one surface: the surface need not be named",
    ),
    "broadcast_of_each_only": (
        "广播份额只用于按每位接收用户计数的日、周、月或滚动窗口",
        "A broadcast share is of a count for each recipient, in days, weeks, months or a span",
    ),
    "broadcast_too_high": (
        "广播份额须在 0 到上限 {highest} 之间",
        "A broadcast share is from 0 to the limit of {highest}",
    ),
    "pushes_have_no_recipient": (
        "按推送计数时没有接收用户这一维度",
        "A count of pushes is not kept for each recipient",
    ),
    "share_of_pushes_only": (
        "占比只能按推送计数",
        "A share is one of pushes: let it count pushes",
    ),
    "bad_percent": ("占比须在 1 到 99 之间", "A share is from 1 to 99 percent"),
    "share_window": (
        "占比须用日、周、月或滚动窗口",
        "A share needs a day, a week, a month or a rolling span",
    ),
    "floor_missing": (
        "请填写总数按最少几个推送计算，至少 1",
        "Say as how many pushes the surface's are taken at least: 1 or more",
    ),
    "share_of_a_surface": (
        "占比是占一个展示端的推送，须按每个展示端分别计数",
        "A share is of a surface's pushes: count for each surface",
    ),
    "share_of_all": (
        "占比须限定内容类别、话题等，否则就是全部",
        "A share needs a kind, a topic or the like: this is all of them",
    ),
    "quiet_counts_nothing": (
        "免打扰时段不计数，不能另选计数维度",
        "Quiet hours count nothing: no further key can be chosen",
    ),
    "per_one_only": (
        "本条只涉及一个对象，再按它分别计数没有作用",
        "This cap covers one of them only: counting each by itself changes nothing",
    ),
    "named_twice": ("同一项写了两次", "The same is named twice"),
    "bad_text": ("须为 1 到 {longest} 个可见字符", "1 to {longest} printable characters"),
    "topic_unregistered": (
        "话题“{topic}”未登记，须先由两位管理员登记",
        "The topic “{topic}” is not registered: two admins have to enter it first",
    ),
    "source_missing": ("请写明数字的来源", "Say where the number comes from"),
    "date_without_zone": ("生效时间缺少时区", "The effective date has no time zone"),
    "date_past": ("生效时间已过去", "The effective date is in the past"),
    "date_too_far": (
        "生效时间须在 {days} 天之内",
        "The effective date is at most {days} days ahead",
    ),
    "date_taken": (
        "第 {number} 版也定在这一时刻生效，请另选时刻或先撤回它",
        "Version {number} comes into force at that very instant: choose another, or withdraw it",
    ),
    "never_first": (
        "只要 {id} 有效，这一条不会单独拦下任何弹窗",
        "As long as {id} binds, this one never stops anything by itself",
    ),
    "stops_all": (
        "上限为 0：范围内的弹窗一条也不会下发；临时停推请用紧急停推",
        "With a limit of 0 nothing of this is ever sent; for a stop there are kill switches",
    ),
    "too_many_named": ("最多写 {most} 项", "At most {most} of them"),
    "empty": ("策略不能为空", "A policy cannot be empty"),
    "too_many_caps": ("最多 {most} 条上限", "At most {most} caps"),
    "same_count": (
        "与 {id} 统计的是同一件事，其中一条永远不起作用",
        "It counts the same as {id}: one of the two never has any effect",
    ),
    "behind_a_gap": (
        "最短间隔 {id} 使这个上限永远达不到",
        "The gap {id} keeps this limit from ever being reached",
    ),
    "kind_uncapped": (
        "生效时没有按接收用户对 {kind} 类弹窗全部计数的上限",
        "From the start a cap has to count every popup of kind {kind} for each recipient",
    ),
    "always_quiet": (
        "免打扰时段合起来占满全天，{kind} 类弹窗永远无法下发",
        "Quiet hours together fill the day: popups of kind {kind} could never leave",
    ),
    "too_many_counters": (
        "一位接收用户的计数过多（最多 {most} 个），请减少滚动窗口",
        "One recipient would need more than {most} counters: use fewer rolling spans",
    ),
}
_KINDS: Final = {
    "news": ("新闻信息", "news"),
    "advertisement": ("广告信息", "advertisement"),
    "general": ("其他", "general"),
}


def problem(fault: PolicyFault) -> FieldProblem:
    """Return a fault as callers and pages are told about it."""
    zh, en = _WORDS[fault.code]
    kind = _KINDS.get(str(fault.params.get("kind")), ("", ""))
    in_zh, in_en = (dict(fault.params) | {"kind": name} for name in kind)
    return FieldProblem(fault.pointer, fault.code, Words(zh.format(**in_zh), en.format(**in_en)))


def invalid(pointer: str, code: str, zh: str, en: str) -> Invalid:
    """Return the error that names one field and what is wrong with it."""
    return Invalid(problems=(FieldProblem(pointer, code, Words(zh, en)),))
