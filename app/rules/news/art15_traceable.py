"""News Service Provisions art. 15: reprinted news names source, author, title and editor."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import NEWS_SERVICE, cite, popup
from app.rules.rule import NEWS, Rule


def check(facts: Facts) -> Iterator[Breach]:
    source = facts.push.source
    if source is None:
        return
    if not (source.url or "").strip():
        yield Breach("url-missing", "/source/url")
    if not (source.title or "").strip():
        yield Breach("title-missing", "/source/title")
    if not (source.author or "").strip():
        yield Breach("author-missing", "/source/author")
    if not (source.editor or "").strip():
        yield Breach("editor-missing", "/source/editor")


RULE = Rule(
    id="news-15-traceable",
    topic=Topic.SOURCE_UNTRACEABLE,
    citation=cite(NEWS_SERVICE, 15),
    also=(popup(5, 3, draft_item=4),),
    in_force=date(2017, 6, 1),
    kinds=NEWS,
    on_breach=Verdict.BLOCK,
    check=check,
)
