"""AI Labelling Measures art. 4: a generated text says so, in the text itself.

GB 45438-2025 5.2: the words contain 人工智能 or AI, and 生成 or 合成, at start, middle or end.
"""

import re
from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Verdict
from app.domain.facts import Facts
from app.domain.push import AiGenerated, PushRequest
from app.rules.instruments import AI_LABEL_STANDARD, AI_LABELLING, cite
from app.rules.rule import Rule

# Close together: a report about an AI company and a generation gap is no label.
_WORDS = re.compile(r"(?:人工智能|AI).{0,4}(?:生成|合成)", re.IGNORECASE)


def check(facts: Facts) -> Iterator[Breach]:
    if facts.push.ai_generated is AiGenerated.YES and not _says_so(facts.push):
        yield Breach("ai-words-missing", "/body")


def _says_so(push: PushRequest) -> bool:
    return any(_WORDS.search(text) for text in (push.title, push.body))


RULE = Rule(
    id="ai-label-04-words",
    topic=Topic.AI_LABEL,
    citation=cite(AI_LABELLING, 4),
    also=(Citation(AI_LABEL_STANDARD, "5.2"),),
    in_force=date(2025, 9, 1),
    on_breach=Verdict.BLOCK,
    check=check,
)
