"""All lists that are in force together: read from folders or bytes, complete, with one digest."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.domain.screening import TermCategory
from app.screening.exemptions import Exemption, parse_exemptions
from app.screening.rows import Problem, WordListError
from app.screening.wordlist import Term, WordList, parse_word_list

EXEMPTION_PREFIX = "exempt"
_DIGEST_DOMAIN = b"popgate word lists 1\n"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every word list and exemption in force.

    `digest` is `sha256:` and 64 hex digits over names and bytes of all files, in order of name.
    """

    lists: tuple[WordList, ...]
    exemptions: tuple[Exemption, ...]
    digest: str

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, in order of list and line."""
        return tuple(term for word_list in self.lists for term in word_list.terms)

    @classmethod
    def load(cls, folders: Iterable[Path]) -> Self:
        """Read every `*.tsv` of some folders; raise WordListError if anything is missing or bad.

        The first folder is the product's own; further ones hold the operator's lists. A name may
        occur once only, so that no folder silently replaces a list of another.
        """
        files: dict[str, bytes] = {}
        problems: list[Problem] = []
        for folder in folders:
            paths = sorted(folder.glob("*.tsv")) if folder.is_dir() else []
            if not paths:
                problems.append(
                    Problem(str(folder), 0, "没有词库文件", "no word lists in this folder")
                )
            for path in paths:
                if path.stem in files:
                    problems.append(Problem(str(path), 0, "词库重名", "a list of this name exists"))
                try:
                    files[path.stem] = path.read_bytes()
                except OSError as error:
                    problems.append(
                        Problem(str(path), 0, f"无法读取：{error}", f"unreadable: {error}")
                    )
        if problems:
            raise WordListError(tuple(problems))
        return cls.parse(files)

    @classmethod
    def parse(cls, files: Mapping[str, bytes]) -> Self:
        """Read lists from bytes by name (without `.tsv`); a name with `exempt` in front exempts.

        Raise WordListError with all problems of all files, also when a category has no list.
        """
        lists: list[WordList] = []
        exemptions: list[Exemption] = []
        problems: list[Problem] = []
        for name, data in sorted(files.items()):
            try:
                if name.startswith(EXEMPTION_PREFIX):
                    exemptions.extend(parse_exemptions(name, data))
                else:
                    lists.append(parse_word_list(name, data))
            except WordListError as error:
                problems.extend(error.problems)
        problems.extend(_unserved(lists) if not problems else ())
        if problems:
            raise WordListError(tuple(problems))
        return cls(tuple(lists), tuple(exemptions), _digest(files))


def _unserved(lists: Iterable[WordList]) -> list[Problem]:
    served = {word_list.category for word_list in lists}
    return [
        Problem("wordlists", 0, f"类别没有词库：{category}", f"no list for category {category}")
        for category in TermCategory
        if category not in served
    ]


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256(_DIGEST_DOMAIN)
    for name, data in sorted(files.items()):
        whole.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return f"sha256:{whole.hexdigest()}"
