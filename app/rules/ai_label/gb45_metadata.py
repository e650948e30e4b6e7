"""AI Labelling Measures art. 6: what a file says of its making is checked against the push.

GB 45438-2025: the file's metadata carry, under the key AIGC, whether AI made it for certain (1),
perhaps (2) or as is suspected (3). A push that declares no use of AI at all contradicts each of
them; what stands under the key and says none of them is for a person to look at.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Verdict
from app.domain.facts import Facts
from app.domain.pictures import PICTURE_METADATA, AigcLabel, AigcMark
from app.domain.push import AiGenerated
from app.rules.features import Feature
from app.rules.instruments import AI_LABEL_STANDARD, AI_LABELLING, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    """Compare what each picture's file says with what the push declares."""
    for number, picture in enumerate(facts.pictures):
        said = picture.aigc
        if said is None:
            continue
        pointer = PICTURE_METADATA.format(number)
        if said.label is AigcLabel.UNREADABLE:
            yield Breach("file-label-unreadable", pointer)
        elif facts.push.ai_generated is AiGenerated.NO:
            yield _contradicted(said, pointer)


def _contradicted(said: AigcMark, pointer: str) -> Breach:
    producer = {"producer": said.producer or "—"}
    match said.label:
        case AigcLabel.GENERATED:
            return Breach("file-says-generated", pointer, params=producer)
        case AigcLabel.POSSIBLE:
            return Breach("file-says-possible", pointer, params=producer)
        case _:
            return Breach("file-says-suspected", pointer, params=producer)


RULE = Rule(
    id="ai-label-metadata",
    topic=Topic.AI_LABEL,
    citation=cite(AI_LABELLING, 6),
    also=(Citation(AI_LABEL_STANDARD, "AIGC"),),
    in_force=date(2025, 9, 1),
    feature=Feature.PICTURES,
    on_breach=Verdict.HOLD,
    check=check,
)
