"""The shipped lists with made-up terms added, in the mix in which operators' lists have them."""

import random

from app.screening.lexicon import Lexicon
from app.screening.tables import Tables
from app.shipped import shipped_folder

SEED = 20261121
PAD_LIST = "zz-padding"
PAD_HEADER = (
    "# category: gambling\n# title_zh: 填充\n# title_en: Padding\n# version: 1\n# clause: -\n"
    "# entries: ours\nterm\tmark\toff\texcept\treason\n"
)


def padded_files(wanted: int) -> dict[str, bytes]:
    """Return the shipped lists and one of made-up terms of three to five characters, by name.

    Their characters are those that have readings, so that each term is searched by sound too.
    """
    files = {path.stem: path.read_bytes() for path in shipped_folder("wordlists").glob("*.tsv")}
    ours = {term.text for term in Lexicon.parse(files).terms}
    characters = sorted(Tables.load().readings)
    chance = random.Random(SEED)  # noqa: S311 - made-up terms need no secrecy
    made: set[str] = set()
    while len(ours) + len(made) < wanted:
        made.add("".join(chance.choices(characters, k=chance.randint(3, 5))))
    if made:
        rows = "".join(f"{term}\thold\t\t\t-\n" for term in sorted(made - ours))
        files[PAD_LIST] = (PAD_HEADER + rows).encode()
    return files
