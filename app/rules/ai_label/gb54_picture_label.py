"""GB 45438-2025 5.4: the label in a generated picture is at least 5 % of the shortest side high.

Whether a picture itself was generated nobody declares; a label that was read in one of a push
declared as generated is measured. The height of a line of words is that of its box.
"""

import re
from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Verdict
from app.domain.facts import Facts
from app.domain.pictures import PICTURE_TEXT
from app.domain.push import AiGenerated
from app.rules.instruments import AI_LABEL_STANDARD, AI_LABELLING, cite
from app.rules.limits import AI_PICTURE_LABEL
from app.rules.rule import Rule

_WORDS = re.compile(r"(?:人工智能|AI).{0,4}(?:生成|合成)", re.IGNORECASE)
_WHOLE = 100


def check(facts: Facts) -> Iterator[Breach]:
    """Measure every label that was read in a picture."""
    if facts.push.ai_generated is AiGenerated.NO:
        return
    percent = facts.limit(AI_PICTURE_LABEL)
    pairs = zip(facts.push.images, facts.pictures, strict=False)
    for number, (image, picture) in enumerate(pairs):
        labels = [line for line in picture.lines if _WORDS.search(line.text)]
        if not labels:
            continue
        _, top, _, bottom = max((line.box for line in labels), key=lambda box: box[3] - box[1])
        height, side = bottom - top, min(image.width, image.height)
        if _WHOLE * height < percent * side:
            figures = {"height_px": height, "side_px": side, "limit_percent": percent}
            yield Breach("picture-label-small", PICTURE_TEXT.format(number), params=figures)


RULE = Rule(
    id="ai-label-picture-size",
    topic=Topic.AI_LABEL,
    citation=Citation(AI_LABEL_STANDARD, "5.4"),
    also=(cite(AI_LABELLING, 4),),
    in_force=date(2025, 9, 1),
    on_breach=Verdict.HOLD,
    check=check,
)
