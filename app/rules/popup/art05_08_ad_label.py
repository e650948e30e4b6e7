"""Pop-up Provisions art. 5(8): an advertisement conspicuously shows the word 广告.

The law asks for 显著 and gives no measure. Size and contrast are house limits from the rule pack;
that the word lies inside the popup and under nothing is what "shows" means.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.push import AdLabel, Presentation
from app.rules.contrast import contrast, ratio_text
from app.rules.geometry import close_box, label_box
from app.rules.instruments import ADVERTISING_LAW, cite, popup
from app.rules.limits import LABEL_MIN_CONTRAST, LABEL_MIN_SIZE
from app.rules.rule import ADVERTISEMENTS, Rule

WORD: Final = "广告"
"""The word of the law; not 推广, not AD, not a picture of it."""

_LABEL = "/presentation/ad_label"


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    shown = facts.push.presentation
    label = shown.ad_label
    if label is None:
        yield Breach("label-missing", _LABEL)
        return
    if label.text != WORD:
        yield Breach("label-word", _LABEL + "/text", params={"text": label.text})
    yield from _size(label, shown.body_size_dp, facts.limit(LABEL_MIN_SIZE))
    yield from _colours(label, facts.limit(LABEL_MIN_CONTRAST))
    yield from _place(label, shown)


def _size(label: AdLabel, body_dp: int, least: int) -> Iterator[Breach]:
    size = label.size_dp
    if size < least:
        params = {"size_dp": size, "limit_dp": least}
        yield Breach("label-too-small", _LABEL + "/size_dp", params=params)
    if size < body_dp:
        params = {"size_dp": size, "body_dp": body_dp}
        yield Breach("label-below-body", _LABEL + "/size_dp", params=params)


def _colours(label: AdLabel, least: int) -> Iterator[Breach | Unverifiable]:
    ratio = contrast(label.color, label.background)
    if ratio is None:
        yield Unverifiable("label-color-unreadable", _LABEL + "/color", outage=False)
    elif ratio < least:
        figures = {"contrast": ratio_text(ratio), "limit": ratio_text(least)}
        yield Breach("label-faint", _LABEL + "/color", params=figures)


def _place(label: AdLabel, shown: Presentation) -> Iterator[Breach]:
    box = label_box(label)
    if not box.inside(shown.frame):
        yield Breach("label-outside-frame", _LABEL + "/x_dp")
    if shown.close.present and box.overlaps(close_box(shown.close)):
        yield Breach("label-covered", _LABEL + "/x_dp")


RULE = Rule(
    id="popup-05-08-ad-label",
    topic=Topic.AD_LABEL,
    citation=popup(5, 8, draft_item=9),
    also=(cite(ADVERTISING_LAW, 14),),
    in_force=date(2022, 9, 30),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.BLOCK,
    check=check,
)
