"""Rules by what they are about, as choices of a form; the operator's own among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from app.console.desk.findings import HUMAN_REVIEW
from app.console.session import Visit
from app.console.texts import Texts
from app.domain.decision import Topic
from app.errors import CannotJudge
from app.rules.catalogue import CATALOGUE
from app.rules.matrix import rules_matrix

_LONGEST: Final = 26
HELD_BY_NOTHING_ELSE: Final = Topic.HUMAN_REVIEW.value


@dataclass(frozen=True, slots=True)
class RuleNames:
    """What rules are called, and about what they are; an unknown one stands for itself."""

    names: dict[str, str]
    topics: dict[str, str]

    def name(self, rule_id: str) -> str:
        """Return a rule in a few words."""
        return self.names.get(rule_id, rule_id)

    def about(self, topic: str) -> tuple[str, ...]:
        """Return the ids of the rules of a topic."""
        return tuple(rule for rule, theirs in self.topics.items() if theirs == topic)

    def by_topic(self, t: Texts) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Return (topic in words, ((id, name), …)), each topic once, but for human review."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for rule, topic in self.topics.items():
            if rule != HUMAN_REVIEW:
                groups.setdefault(t(f"terms.topic.{topic}"), []).append((rule, self.name(rule)))
        return tuple((topic, tuple(rules)) for topic, rules in groups.items())


async def rule_names(visit: Visit) -> RuleNames:
    """Return every rule that may hold a push now; the law's alone where ours cannot be read."""
    language = visit.t.language
    names, topics = dict(_names(language)), {rule.id: rule.topic.value for rule in CATALOGUE}
    try:
        own = (await visit.services.operator_rules.active()).rules
    except CannotJudge:
        own = ()
    for rule in own:
        names[rule.id] = rule.title_en if language == "en" else rule.title_zh
        topics[rule.id] = rule.topic.value
    return RuleNames(names, topics)


def topic_choices(t: Texts, topics: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (topic, in words), each once, in the order of the closed set."""
    known = set(topics)
    return tuple((one.value, t(f"terms.topic.{one.value}")) for one in Topic if one.value in known)


@cache
def _names(language: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(row["id"]), _short(row, language)) for row in rules_matrix())


def _short(row: dict[str, object], language: str) -> str:
    cited, said = row["citation"], row["clause"]
    assert isinstance(cited, dict)  # noqa: S101 - rows of the matrix are made so
    assert isinstance(said, dict)  # noqa: S101 - the same
    plain = str(said[language]).rstrip("。.")
    longest = _LONGEST * (2 if language == "en" else 1)
    cut = plain if len(plain) <= longest else f"{plain[:longest].rstrip()}…"
    return f"{cited['clause_en' if language == 'en' else 'clause']} {cut}"
