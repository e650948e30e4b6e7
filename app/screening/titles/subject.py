"""Compare who does what to whom: a subject left out, two of them exchanged, one replaced."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import Indel

from app.screening.titles.lexicon import classes_of
from app.screening.titles.names import Name, is_named
from app.screening.titles.reading import Change, Original, Reading
from app.screening.tokenizer import TaggedWord

_SURE = 100
_LIKELY = 60
_HINT = 30
_PASSIVE: Final = frozenset({"被", "遭", "由", "获", "受", "让", "向", "对", "与", "和", "同"})
_AGENT: Final = re.compile(
    r"(?:公司|集团|银行|队|方|局|部|委|会|人|员|者|国|主|生|师|警|军|校|院|司机|子|亲|妻|夫|童|孩|城|军|企)$"
)


def missing_subject(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the name that the original has and the popup hides behind 男子, 某公司, 这位."""
    named = [one for one in original.title.names if one.kind != "latin"]
    lost = [one for one in named if not is_named(one, ours.plain)]
    if len(lost) < len(named) or any(one.kind != "latin" for one in ours.names):
        return
    who = lost[0].text if lost else ""
    hiding = ours.marks.of("vague", "generic", "withheld") if lost else ours.marks.of("vague")
    vague = [one for one in hiding if one.word not in original.whole.plain]
    if vague:
        span = (vague[0].start, vague[0].end)
        yield Change("subject_missing", span, _SURE, who, vague[0].word)
    elif lost and _begins_with_its_verb(ours, original, lost[0]):
        yield Change("subject_missing", (0, 0), _LIKELY, who, "")


def _begins_with_its_verb(ours: Reading, original: Original, lost: Name) -> bool:
    if lost.start != 0 or not ours.words:
        return False
    word, tag, _ = ours.words[0]
    after = original.title.plain[len(lost.text) :]
    return tag.startswith("v") and len(word) > 1 and word in after[: len(word) + 6]


def exchanged_roles(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield two names that stand on the other side of the same verb, without any 被."""
    if _PASSIVE & set(ours.plain) or _PASSIVE & set(original.title.plain):
        return
    theirs = [word for word in original.title.words if _is_content(word)]
    places = {word: start for word, tag, start in ours.words}
    shared = [word for word in theirs if word[0] in places]
    for at, (verb, tag, _) in enumerate(shared):
        if not tag.startswith("v"):
            continue
        for before, _, _ in shared[:at]:
            for after, _, _ in shared[at + 1 :]:
                if places[after] < places[verb] < places[before]:
                    span = (places[after], places[before] + len(before))
                    old, new = f"{before}{verb}{after}", f"{after}{verb}{before}"
                    yield Change("roles_exchanged", span, _SURE, old, new)
                    return


def _is_content(word: TaggedWord) -> bool:
    text, tag, _ = word
    if len(text) == 1:
        return False
    return tag.startswith(("v", "nr", "ns", "nt", "nz")) or _AGENT.search(text) is not None


def replaced_words(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a noun that stands where the original has another one, the rest being alike."""
    old = [word for word in original.title.words if word[0].strip()]
    new = [word for word in ours.words if word[0].strip()]
    blocks = Indel.opcodes([word[0] for word in old], [word[0] for word in new])
    same = sum(block.src_end - block.src_start for block in blocks if block.tag == "equal")
    if same * 2 < min(len(old), len(new)):
        return
    for first, second in pairwise(blocks):
        if {first.tag, second.tag} == {"delete", "insert"}:
            cut, put = (first, second) if first.tag == "delete" else (second, first)
            gone, come = old[cut.src_start : cut.src_end], new[put.dest_start : put.dest_end]
            yield from _replacement(gone, come, ours, original)


def _replacement(
    gone: list[TaggedWord], come: list[TaggedWord], ours: Reading, original: Original
) -> Iterator[Change]:
    before = "".join(word for word, _, _ in gone)
    after = "".join(word for word, _, _ in come)
    if len(before) < 2 or len(after) < 2 or not after.isalpha() or not before.isalpha():  # noqa: PLR2004
        return
    if set(before) & set(after) or after in original.whole.plain or before in ours.plain:
        return
    if classes_of(before) & classes_of(after):
        return
    nouns = gone[-1][1].startswith(("n", "x", "j")) and come[-1][1].startswith(("n", "x", "j"))
    start = come[0][2]
    weight = _LIKELY if nouns and gone[0][2] == 0 else _HINT
    yield Change("wording_changed", (start, start + len(after)), weight, before, after)
