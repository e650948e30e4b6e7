"""News Service Provisions: a chief editor, by name, answers for all news."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import NEWS_SERVICE
from app.rules.rule import NEWS, Rule


def check(facts: Facts) -> Iterator[Breach]:
    """Report news of a provider without a chief editor on record."""
    if not facts.provider.on_file.chief_editor.strip():
        yield Breach("chief-editor-missing", "")


RULE = Rule(
    id="news-chief-editor",
    topic=Topic.QUALIFICATION,
    citation=Citation(NEWS_SERVICE, "总编辑负责"),
    in_force=date(2017, 6, 1),
    kinds=NEWS,
    on_breach=Verdict.HOLD,
    check=check,
)
