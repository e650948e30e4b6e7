"""Atoms: no match of a pattern is without them, whatever the pattern is built of."""

import re
from pathlib import Path

import pytest

from app.screening.atoms import atoms_of
from app.screening.cues import CueBook
from app.screening.plain import Plain
from tests.fixtures.judging import rows

BOOKS = ("advertising", "contexts", "absolute", "claims")
CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("pattern", "atoms"),
    [
        ("抢购", ({"抢购"},)),
        ("抢购|优惠", ({"抢购", "优惠"},)),
        ("抢购|.", ()),
        ("立即(?:抢|领)券", ({"立即"}, {"券"})),
        ("立即(?:抢|领)?购?", ({"立即"},)),
        ("(?:抢|领)+券{2}", ({"券"}, {"抢", "领"})),
        ("券{0,2}折", ({"折"},)),
        ("券{,2}折", ({"折"},)),
        ("券*折", ({"折"},)),
        ("[抢领]券", ({"券"}, {"抢", "领"})),
        ("[^抢]券", ({"券"},)),
        ("[0-9]券", ({"券"},)),
        (r"[\]抢]券", ({"券"},)),
        (r"\d+券\.", ({"券."},)),
        (r"^.券\.?$", ({"券"},)),
        ("[一二三四五六七八九十百千万亿零壹贰叁肆伍陆柒捌玖拾]券", ({"券"},)),
        (".*", ()),
    ],
)
def test_atoms_are_what_every_match_holds(pattern: str, atoms: tuple[set[str], ...]) -> None:
    assert atoms_of(pattern) == atoms


@pytest.mark.parametrize("name", BOOKS)
def test_every_cue_has_atoms_and_is_found_by_them(name: str) -> None:
    book = CueBook.load(name)
    patterns = [(cue, re.compile(cue.source)) for cue in book.cues]
    texts = [
        Plain.read(f"{row['title']}。{row['body']}")
        for path in CASES.glob("*.tsv")
        if path.read_text("utf-8").split("\n")[0].count("title")
        for row in rows(path)
    ]
    for plain in texts[::3]:
        found = {one.cue.source for one in book.find("", plain)}
        for cue, pattern in patterns:
            match = pattern.search(plain.text)
            if match is not None and cue.holds(plain.text, *match.span()):
                assert cue.source in found
