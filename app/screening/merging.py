"""Lists with an operator's changes laid over them: a new lexicon, its digest from both."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.screening.exemptions import Exemption
from app.screening.lexicon import Lexicon
from app.screening.rows import Problem, WordListError
from app.screening.wordlist import Term

_DIGEST_DOMAIN: Final = b"popgate word lists with a pack 1\n"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is laid over the shipped lists; `digest` is that of the changes themselves.

    `terms` holds by (list, text) a term as it now stands, or None where it is removed; `lifted`
    are phrases whose shipped exemptions no longer hold.
    """

    terms: Mapping[tuple[str, str], Term | None]
    exemptions: tuple[Exemption, ...]
    lifted: frozenset[str]
    digest: str


def merged(base: Lexicon, changes: Changes) -> Lexicon:
    """Return the lists with the changes in them, in the order of lists, changed terms last.

    A change to a term that the lists lack adds it; a removal of one does nothing. Raises
    WordListError for a change to a list that there is not.
    """
    known = {word_list.list_id for word_list in base.lists}
    strange = sorted({list_id for list_id, _ in changes.terms} - known)
    if strange:
        raise WordListError(
            tuple(
                Problem(name, 0, f"没有词库：{name}", f"no such list: {name}") for name in strange
            )
        )
    own: dict[str, list[Term]] = {}
    for (list_id, _), term in sorted(changes.terms.items(), key=lambda item: item[0]):
        if term is not None:
            own.setdefault(list_id, []).append(term)
    lists = []
    for word_list in base.lists:
        kept = [
            term for term in word_list.terms if (word_list.list_id, term.text) not in changes.terms
        ]
        lists.append(replace(word_list, terms=(*kept, *own.get(word_list.list_id, ()))))
    exemptions = [one for one in base.exemptions if one.phrase not in changes.lifted]
    whole = hashlib.sha256(_DIGEST_DOMAIN)
    whole.update(f"{base.digest}\n{changes.digest}\n".encode())
    return Lexicon(tuple(lists), (*exemptions, *changes.exemptions), f"sha256:{whole.hexdigest()}")
