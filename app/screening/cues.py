"""Cues: patterns of wording with their contexts, found in one linear pass over a text."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Any, Final, Self

from ahocorasick_rs import AhoCorasick

from app.domain.values import dataclass
from app.screening.atoms import atoms_of
from app.screening.plain import Plain

_FOLDER: Final = Path(__file__).resolve().parent / "tables"
# How far a context is looked for before and after a cue.
_REACH: Final = 16
# Of one cue in one field; a person looks at the first of them.
_MOST: Final = 6
_ENDS: Final = re.compile(r"[。!?;\n]")
_SHORTHANDS: Final = {
    "<n>": r"[0-9]+(?:\.[0-9]+)?",
    "<cn>": r"[0-9一二两三四五六七八九十百千万半几]+(?:\.[0-9]+)?",
    "<gap>": r"[^,。!?;\n]",
    "<run>": r"[^。!?;\n]",
    "<ill>": (
        "(?:高血压|糖尿病|癌|肿瘤|乙肝|鼻炎|颈椎病?|关节炎|关节痛|关节|风湿|痛风|前列腺|湿疹|牛皮癣|银屑病"
        "|白癜风|脚气|灰指甲|失眠|便秘|白内障|青光眼|飞蚊症|干眼|哮喘|气管炎|咽炎|咳嗽|胃炎|胃病|胃痛|脂肪肝"
        "|肝炎|肾虚|阳痿|早泄|妇科|盆腔炎|宫寒|不孕|心脏病|冠心病|脑梗|中风|血栓|三高|血脂|血糖|血压|尿酸"
        "|抑郁|帕金森|老年痴呆|痔疮|狐臭|静脉曲张|腰突|腰椎|腰疼|腿疼|骨质疏松|骨刺|荨麻疹|皮炎|感冒|流感"
        "|炎症|肺炎|结节|囊肿|息肉|结石|贫血|近视|弱视|老花|耳鸣|头痛|头晕|口腔溃疡|牙周炎|牙龈出血|幽门螺"
        "|面瘫|偏瘫|痛经|更年期|多动症|自闭症|尿频|鼾症|胃酸|过敏性|白血病|心血管|脑血管|甲状腺|肩周炎|老寒腿)"
    ),
    "<better>": (
        "(?:不疼|不痛|不犯|不发作|不复发|好了|治好|没了|止痛|止疼|恢复|正常|福音|克星|畅通|顺畅|停药|停了"
        "|消失|消退|有救|痊愈|逆转|回到|根除|断根|一扫光|不再|不见了|下来了|平稳|降到|甩掉|全消|减轻|缓解|改善|一次解决|通通解决|统统解决|全解决|全搞定)"
    ),
}


@dataclass(frozen=True, slots=True)
class Cue:
    """One kind of wording: `pattern` of literals, classes, groups and quantifiers.

    It does not count right after `before`, right before `after`, or in a sentence with `unless`.
    `name` tells cues of one kind apart; `trades` are those that it is about, empty for all.
    """

    kind: str
    name: str
    weight: int
    pattern: re.Pattern[str]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    trades: frozenset[str]
    source: str = field(repr=False)

    @classmethod
    def all_of(cls, row: dict[str, Any]) -> Iterator[Self]:
        """Yield a cue for each pattern of a row; KeyError or re.error where the row is broken."""
        contexts = {
            "before": _optional(row.get("before"), "(?:{})$"),
            "after": _optional(row.get("after"), "(?:{})"),
            "unless": _optional(row.get("unless"), "(?:{})"),
        }
        for part in row["any"]:
            source = alternatives([part])
            yield cls(
                kind=row["kind"],
                name=row.get("name", row["kind"]),
                weight=row["weight"],
                pattern=re.compile(source),
                trades=frozenset(row.get("trades", ())),
                source=source,
                **contexts,
            )

    def holds(self, text: str, start: int, end: int) -> bool:
        """Say whether the cue counts between two places of a text."""
        if self.before and self.before.search(text[max(0, start - _REACH) : start]):
            return False
        if self.after and self.after.match(text[end : end + _REACH]):
            return False
        return not (self.unless and self.unless.search(sentence(text, start, end)))


@dataclass(frozen=True, slots=True)
class Met:
    """A cue met in a field, between two places of the original text."""

    cue: Cue
    pointer: str
    span: tuple[int, int]
    words: str


class CueBook:
    """The cues of one judgement, compiled once; immutable, so threads may share it.

    One automaton finds the literals without which a cue cannot be met; only then it is tried.
    Every cue has to have some.
    """

    def __init__(self, cues: Iterable[Cue]) -> None:
        self.cues = tuple(cues)
        numbers: dict[str, int] = {}
        self._met_by: dict[int, list[int]] = {}
        self._needs: list[frozenset[int]] = []
        for number, cue in enumerate(self.cues):
            first, *second = (
                frozenset(numbers.setdefault(atom, len(numbers)) for atom in atoms)
                for atoms in atoms_of(cue.source)
            )
            self._needs.append(second[0] if second else first)
            for atom in first:
                self._met_by.setdefault(atom, []).append(number)
        self._atoms = AhoCorasick(list(numbers))

    @classmethod
    def load(cls, *names: str) -> Self:
        """Read `<name>.toml` beside the tables; KeyError or re.error on a broken file."""
        return cls(cue for name in names for cue in _cues(name))

    def find(self, pointer: str, plain: Plain) -> Iterator[Met]:
        """Yield what is met in a field, cue by cue in the order of the file; they may overlap."""
        for number in self._candidates(plain.text):
            cue, found = self.cues[number], 0
            for match in cue.pattern.finditer(plain.text):
                start, end = match.span()
                if found < _MOST and cue.holds(plain.text, start, end):
                    found += 1
                    yield Met(cue, pointer, plain.span(start, end), match.group())

    def _candidates(self, text: str) -> list[int]:
        atoms = {one[0] for one in self._atoms.find_matches_as_indexes(text, overlapping=True)}
        numbers = {number for atom in atoms for number in self._met_by.get(atom, ())}
        return sorted(one for one in numbers if not self._needs[one].isdisjoint(atoms))


def apart(met: Iterable[Met], *, kinds: bool = True) -> list[Met]:
    """Return what is met in one field without what overlaps something weightier or longer.

    Of its own kind, or with `kinds` false of any kind.
    """
    kept: list[Met] = []
    for one in sorted(met, key=_weightiest):
        rivals = [other for other in kept if not kinds or other.cue.kind == one.cue.kind]
        if not any(one.span[0] < other.span[1] and other.span[0] < one.span[1] for other in rivals):
            kept.append(one)
    return sorted(kept, key=lambda one: one.span)


def _weightiest(one: Met) -> tuple[int, int, int]:
    start, end = one.span
    return -one.cue.weight, start - end, start


def sentence(text: str, start: int, end: int) -> str:
    """Return the sentence, up to the next full stop, in which a span lies."""
    before = [stop.end() for stop in _ENDS.finditer(text, 0, start)]
    after = _ENDS.search(text, end)
    return text[before[-1] if before else 0 : len(text) if after is None else after.start()]


def _cues(name: str) -> Iterator[Cue]:
    table = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    return (cue for row in table["cue"] for cue in Cue.all_of(row))


def _optional(parts: list[str] | None, form: str) -> re.Pattern[str] | None:
    return None if not parts else re.compile(form.replace("{}", alternatives(parts)))


def alternatives(parts: list[str]) -> str:
    """Return the pattern of any of several, with shorthands written out."""
    source = "|".join(parts)
    for short, long in _SHORTHANDS.items():
        source = source.replace(short, long)
    return source
