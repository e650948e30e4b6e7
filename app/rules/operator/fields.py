"""What a condition may ask about: every field with its type, its place and where it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from enum import StrEnum
from typing import Final

from app.domain.facts import Facts, SourceFacts, SurfaceFacts, Unknown
from app.domain.push import (
    AiGenerated,
    AudienceKind,
    ContentKind,
    LinkTarget,
    MinorsAudience,
    Urgency,
)
from app.rules.links import target

_BEIJING: Final = timezone(timedelta(hours=8))

Value = str | int | bool


class FieldType(StrEnum):
    """What kind of value a field has; a field of texts may have several at once."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Place:
    """One value of a field and the JSON pointer of where it stands in the push, if it does."""

    pointer: str
    value: Value


Found = tuple[Place, ...] | Unknown


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its type, its closed set of values if it has one, and how it is read.

    Reading yields no place where the push has no such part, and Unknown where it cannot be told.
    """

    name: str
    type: FieldType
    zh: str
    en: str
    read: Callable[[Facts], Found]
    values: tuple[str, ...] = ()


def _one(pointer: str, value: Value | None) -> tuple[Place, ...]:
    return () if value is None else (Place(pointer, value),)


def _texts(facts: Facts) -> Found:
    push = facts.push
    shown = [Place("/title", push.title), Place("/body", push.body)]
    shown += [Place(f"/images/{at}/alt", image.alt) for at, image in enumerate(push.images)]
    return tuple(shown)


def _surface(read: Callable[[SurfaceFacts], Value]) -> Callable[[Facts], Found]:
    def found(facts: Facts) -> Found:
        surface = facts.surface
        return surface if isinstance(surface, Unknown) else _one("/surface", read(surface))

    return found


def _source(name: str) -> Callable[[Facts], Found]:
    def found(facts: Facts) -> Found:
        source = facts.push.source
        value: str | None = None if source is None else getattr(source, name)
        return _one(f"/source/{name}", value)

    return found


def _listed_unit(facts: Facts) -> Found:
    listed = facts.source
    if isinstance(listed, Unknown):
        return listed
    return _one("/source/unit", listed.unit if isinstance(listed, SourceFacts) else None)


def _source_age(facts: Facts) -> Found:
    source = facts.push.source
    if source is None or source.published_at is None:
        return ()
    return _one("/source/published_at", (facts.now - source.published_at).days)


def _advertiser(name: str) -> Callable[[Facts], Found]:
    def found(facts: Facts) -> Found:
        advertiser = facts.push.advertiser
        value: str | None = None if advertiser is None else getattr(advertiser, name)
        return _one(f"/advertiser/{name}", value)

    return found


def _link_host(facts: Facts) -> Found:
    link = facts.push.link
    return () if link is None else _one("/link/url", target(link.url).host)


def _link(name: str) -> Callable[[Facts], Found]:
    def found(facts: Facts) -> Found:
        link = facts.push.link
        return () if link is None else _one(f"/link/{name}", str(getattr(link, name)))

    return found


def _many(name: str) -> Callable[[Facts], Found]:
    def found(facts: Facts) -> Found:
        values: tuple[str, ...] = getattr(facts.push.personalisation, name)
        return tuple(Place(f"/personalisation/{name}/{at}", one) for at, one in enumerate(values))

    return found


def _values(kind: type[StrEnum]) -> tuple[str, ...]:
    return tuple(one.value for one in kind)


_TEXT, _NUMBER, _TRUTH = FieldType.TEXT, FieldType.NUMBER, FieldType.TRUTH

_FIELDS: Final = (
    Field("kind", _TEXT, "内容类型", "content kind",
          lambda facts: _one("/kind", facts.push.kind.value), _values(ContentKind)),
    Field("title", _TEXT, "标题", "title", lambda facts: _one("/title", facts.push.title)),
    Field("body", _TEXT, "正文", "body", lambda facts: _one("/body", facts.push.body)),
    Field("text", _TEXT, "标题、正文或图片说明", "title, body or a picture's alt", _texts),
    Field("topic", _TEXT, "话题", "topic", lambda facts: _one("/topic", facts.push.topic)),
    Field("urgency", _TEXT, "紧急程度", "urgency",
          lambda facts: _one("/urgency", facts.push.urgency.value), _values(Urgency)),
    Field("minors", _TEXT, "受众是否包含未成年人", "whether minors are among the audience",
          lambda facts: _one("/minors", facts.push.minors.value), _values(MinorsAudience)),
    Field("ai_generated", _TEXT, "人工智能生成声明", "declaration on generated content",
          lambda facts: _one("/ai_generated", facts.push.ai_generated.value),
          _values(AiGenerated)),
    Field("image_count", _NUMBER, "图片数", "number of pictures",
          lambda facts: _one("/images", len(facts.push.images))),
    Field("audience.kind", _TEXT, "受众类型", "kind of audience",
          lambda facts: _one("/audience/kind", facts.push.audience.kind.value),
          _values(AudienceKind)),
    Field("audience.size", _NUMBER, "受众人数", "number of recipients",
          lambda facts: _one("/audience", facts.push.audience.size)),
    Field("link.url", _TEXT, "跳转网址", "address of the link", _link("url")),
    Field("link.host", _TEXT, "跳转域名", "host of the link", _link_host),
    Field("link.opens", _TEXT, "跳转方式", "where the link opens", _link("opens"),
          _values(LinkTarget)),
    Field("source.unit", _TEXT, "来源单位", "source unit", _source("unit")),
    Field("source.listed_unit", _TEXT, "名单中的来源单位", "the unit as the list names it",
          _listed_unit),
    Field("source.title", _TEXT, "原标题", "original title", _source("title")),
    Field("source.lead", _TEXT, "原文导语", "original lead", _source("lead")),
    Field("source.author", _TEXT, "作者", "author", _source("author")),
    Field("source.editor", _TEXT, "编辑", "editor", _source("editor")),
    Field("source.age_days", _NUMBER, "原文发布至今的天数", "days since the original", _source_age),
    Field("advertiser.name", _TEXT, "广告主", "advertiser", _advertiser("name")),
    Field("advertiser.category", _TEXT, "商品类别", "class of goods", _advertiser("category")),
    Field("advertiser.approval_number", _TEXT, "批准文号", "approval number",
          _advertiser("approval_number")),
    Field("personalised", _TRUTH, "是否个性化推送", "whether recipients were chosen by a model",
          lambda facts: _one("/personalisation/used", facts.push.personalisation.used)),
    Field("personalisation.fields", _TEXT, "个性化所用字段", "fields that chose recipients",
          _many("fields")),
    Field("personalisation.tags", _TEXT, "个性化所用标签", "tags that chose recipients",
          _many("tags")),
    Field("provider.id", _TEXT, "服务提供者编号", "provider's id",
          lambda facts: _one("", facts.provider.id)),
    Field("provider.name", _TEXT, "服务提供者名称", "provider's display name",
          lambda facts: _one("", facts.provider.display_name)),
    Field("surface.name", _TEXT, "展示端名称", "surface's name",
          _surface(lambda surface: surface.name)),
    Field("surface.app_category", _TEXT, "展示端的应用类别", "surface's app category",
          _surface(lambda surface: surface.app_category)),
    Field("surface.channel", _TEXT, "展示端的通道", "surface's channel",
          _surface(lambda surface: surface.channel)),
    Field("hour", _NUMBER, "判定时的北京时间小时（0–23）", "hour in Beijing, 0 to 23",
          lambda facts: _one("", facts.now.astimezone(_BEIJING).hour)),
    Field("weekday", _NUMBER, "判定时的星期（1–7，星期一为 1）", "day of the week, Monday is 1",
          lambda facts: _one("", facts.now.astimezone(_BEIJING).isoweekday())),
)  # fmt: skip

FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _FIELDS}
"""Every field by its name, in the order in which the editor lists them."""
