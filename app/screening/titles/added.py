"""Find what a title adds or leaves out by the kind of word: a scope, a denial, an end, a doubt."""

from collections.abc import Iterator, Mapping
from typing import Final

from app.screening.titles.lexicon import Found
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.synonyms import is_said

_HINT = 25
_COMMON: Final = frozenset("被涉发生出不无没了下人大开物")
_ADDED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("whole", "whole_strong", "several"), "scope_changed"),
    **dict.fromkeys(("fear", "shock", "super", "warm", "fold"), "exaggeration_added"),
    **dict.fromkeys(("cause", "blamed"), "cause_added"),
    **dict.fromkeys(
        ("verdict", "punish", "force", "deal", "winner", "done", "already", "future", "canceled",
         "sure"),
        "modality_changed",
    ),
    **dict.fromkeys(
        ("close", "hard", "ruin", "death", "hurt", "grave", "cure", "toxic", "clash", "danger",
         "up", "down", "free", "charged", "win", "lose", "sell", "leave", "oppose", "strain",
         "fail", "loss", "profit", "blame", "early_on", "late_on", "include", "exclude", "only",
         "jail"),
        "claim_added",
    ),
    "neg": "negation_added",
    "question": "question_added",
    "withheld": "subject_missing",
}  # fmt: skip
_BY_WORD: Final = frozenset(
    {
        "whole",
        "whole_strong",
        "grave",
        "toxic",
        "death",
        "ruin",
        "fear",
        "shock",
        "cure",
        "clash",
        "sure",
    }
)
"""Kinds of which the original may have one word and still not have said another."""
_BY_WHOLE_WORD: Final = frozenset({"whole", "whole_strong", "sure"})
_LOST: Final[Mapping[str, str]] = {
    **dict.fromkeys(("neg", "denial"), "negation_dropped"),
    **dict.fromkeys(
        ("possible", "rumor", "plan", "expect", "propose", "accuse", "early", "pending", "study"),
        "doubt_dropped",
    ),
    **dict.fromkeys(("limit", "part", "branch", "several", "first"), "scope_dropped"),
    **dict.fromkeys(("source", "speech", "lay"), "attribution_dropped"),
    "condition": "condition_dropped",
}

_ALSO: Final[Mapping[str, tuple[str, ...]]] = {"neg": ("denial",), "denial": ("neg",)}
"""What keeps a limit in another form: 系谣言 says what 并未 says."""


def added_words(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word of each kind that matters of which the original has none in any words."""
    known = original.whole
    for name in sorted(ours.marks.classes & _ADDED.keys()):
        if known.marks.any_of(name) and name not in _BY_WORD:
            continue
        words = [one for one in ours.marks.of(name) if len(one.word) > 1 or name == "neg"]
        word = next((one for one in words if not is_said(one.word, known.plain)), None)
        if word is not None and not _is_excused(ours, word, name, known):
            span = (word.start, word.end)
            yield Change(_ADDED[name], span, _HINT, new=word.word, ground=f"add-{name}")


def lost_words(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word of each kind that limits what the original's title says, where none is left.

    A clause that was left out with its word changes nothing of the others.
    """
    title = original.title
    for name in sorted(title.marks.classes & _LOST.keys()):
        if not ours.marks.any_of(name, *_ALSO.get(name, ())):
            word = title.marks.of(name)[0]
            if not is_said(word.word, ours.plain) and _keeps_clause(ours, title, word):
                yield Change(_LOST[name], (0, 0), _HINT, word.word, ground=f"lose-{name}")


def _keeps_clause(ours: Reading, title: Reading, word: Found) -> bool:
    """Say whether the popup has anything of the clause of a word but the word."""
    start, end = title.clause_at(word.start)
    return ours.shares(title.plain, start, word.start) or ours.shares(title.plain, word.end, end)


def _is_excused(ours: Reading, word: Found, name: str, known: Reading) -> bool:
    """Say whether a pronoun stands after what it may stand for, or a letter tells of the same."""
    if name in _BY_WORD and name not in _BY_WHOLE_WORD:
        return any(letter in known.plain for letter in word.word if letter not in _COMMON)
    if name != "withheld":
        return False
    return any(tag[0] == "n" and start + 1 < word.start for _, tag, start in ours.words)
