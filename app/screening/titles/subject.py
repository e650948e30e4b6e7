"""Compare who does what to whom: a subject left out, two of them exchanged, one replaced."""

import re
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Final

from rapidfuzz.distance import Indel, Postfix

from app.screening.titles.lexicon import classes_of
from app.screening.titles.names import Name, is_named
from app.screening.titles.reading import Change, Original, Reading
from app.screening.tokenizer import TaggedWord

_SURE = 100
_LIKELY = 60
_HINT = 25
_LONG_ENOUGH = 8
_CLAUSES: Final = re.compile(r"[^\w]+")
_ONE_EACH = 2
_PHRASE = 4
_SAYS_NOTHING: Final = frozenset(
    {"speech", "source", "generic", "vague", "done", "reply", "question"}
)
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
    # Who does it may be told of anybody; where it was is hidden by vaguer words alone.
    by_anybody = any(one.kind != "place" for one in lost)
    hiding = ours.marks.of("vague", *(("generic",) if by_anybody else ()), "withheld")
    hiding = hiding if lost else ours.marks.of("vague")
    vague = [one for one in hiding if one.word not in original.whole.plain]
    if vague:
        span = (vague[0].start, vague[0].end)
        ground = next(one for one in ("vague", "withheld", "generic") if one in vague[0].classes)
        weight = _SURE if len(vague[0].word) > 1 else _LIKELY
        yield Change("subject_missing", span, weight, who, vague[0].word, ground)
    elif lost and _begins_with_its_verb(ours, original, lost[0]):
        yield Change("subject_missing", (0, 0), _LIKELY, who, "")


def _begins_with_its_verb(ours: Reading, original: Original, lost: Name) -> bool:
    if lost.start != 0 or lost.kind == "place" or not ours.words:
        return False
    word, tag, _ = ours.words[0]
    after = original.title.plain[len(lost.text) :]
    return tag.startswith("v") and len(word) > 1 and word in after[: len(word) + 6]


def hidden_matter(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a whole title that shares no noun with the original: it hides what it is about."""
    if len(original.title.plain) < _LONG_ENOUGH:
        return
    for word, tag, _ in ours.words:
        if len(word) > 1 and _says_what(word, tag) and _is_known(word, original.whole.plain):
            return
        if tag.startswith("m") and len(word) > 1 and word in original.title.plain:
            return
    end = len(ours.plain)
    if any(
        original.title.plain.find(ours.plain[at : at + _PHRASE]) >= 0
        for at in range(end - _PHRASE + 1)
    ):
        return
    yield Change("subject_missing", (0, end), _LIKELY, original.title.text, ours.text, "matter")


def _says_what(word: str, tag: str) -> bool:
    return (
        tag.startswith(("n", "v", "x", "e", "l", "i", "j")) and not classes_of(word) & _SAYS_NOTHING
    )


def _is_known(word: str, text: str) -> bool:
    return word in text or (len(word) > 2 and (word[:2] in text or word[-2:] in text))  # noqa: PLR2004


def other_deed(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the verb of a title none of whose verbs the original has in any letter."""
    verbs = [word for word in ours.words if word[1] == "v" and len(word[0]) > 1]
    known = original.whole.plain
    if not verbs or any(letter in known for word, _, _ in verbs for letter in word):
        return
    word, _, start = verbs[0]
    yield Change("claim_added", (start, start + len(word)), _HINT, new=word, ground="verb")


def exchanged_roles(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield two names that stand on the other side of the same verb, without any 被."""
    end = Postfix.similarity(ours.plain, original.title.plain)
    own, old = ours.plain[: len(ours.plain) - end], original.title.plain
    if _PASSIVE & set(own) or _PASSIVE & set(old[: len(old) - end]):
        return
    if _is_stirred(ours.plain, original.title.plain):
        yield Change("roles_exchanged", (0, len(ours.plain)), _SURE, original.title.text, ours.text)
        return
    places = {word: start for word, _, start in ours.words}
    theirs = [word for word in original.title.words if word[0] in places and _is_content(word)]
    for at, (verb, tag, _) in enumerate(theirs):
        if not tag.startswith("v"):
            continue
        before = [word for word, tag, _ in theirs[:at] if tag[0] != "v"]
        after = [word for word, tag, _ in theirs[at + 1 :] if tag[0] != "v"]
        for first, second in product(before, after):
            if places[second] < places[verb] < places[first]:
                span = (places[second], places[first] + len(first))
                old, new = f"{first}{verb}{second}", f"{second}{verb}{first}"
                yield Change("roles_exchanged", span, _SURE, old, new)
                return


def _is_stirred(ours: str, theirs: str) -> bool:
    """Say whether the letters of one clause stand in another order, from the first on."""
    if len(ours) != len(theirs) or sorted(ours) != sorted(theirs):
        return False
    return ours[:2] != theirs[:2] and _CLAUSES.search(theirs.strip()) is None


def _is_content(word: TaggedWord) -> bool:
    text, tag, _ = word
    if len(text) == 1:
        return False
    return tag.startswith(("v", "nr", "ns", "nt", "nz")) or _AGENT.search(text) is not None


def replaced_words(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a noun that stands where the original has another one, the rest being alike."""
    known = original.whole.plain
    if all(word in known for word, _, _ in ours.words if len(word) > 1):
        return
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
    if (
        len(gone) + len(come) > _ONE_EACH
        or set(before) & set(after)
        or after in original.whole.plain
        or before in ours.plain
    ):
        return
    if classes_of(before) & classes_of(after):
        return
    nouns = all(one[-1][1].startswith(("n", "x", "j")) for one in (gone, come))
    rest = original.title.plain.replace(before, "") == ours.plain.replace(after, "")
    named = any(one[-1][1].startswith(("nr", "ns", "nt", "nz")) for one in (gone, come))
    start = come[0][2]
    weight = _LIKELY if nouns and (rest or (named and gone[0][2] == 0)) else _HINT
    yield Change("wording_changed", (start, start + len(after)), weight, before, after, "word")
