"""A report names what it rests on: every table stands in one digest, and each changes it."""

from pathlib import Path

from app.screening import versions
from app.screening.versions import digest_of, engine_version, table_groups

TABLES = Path(versions.__file__).parent / "tables"


def test_every_shipped_table_counts_in_one_digest() -> None:
    groups = table_groups()
    counted = [path for paths in groups.values() for path in paths]
    assert sorted(counted) == sorted(path for path in TABLES.rglob("*") if path.is_file())
    assert TABLES / "title_weights.txt" in groups["titles"]
    assert TABLES / "manner" / "content.tsv" in groups["manner"]


def test_the_version_names_the_digest_of_every_group() -> None:
    named = dict(part.split("-", 1) for part in engine_version().split(","))
    assert named.keys() == {
        "screening",
        "unicode",
        "rjieba",
        "manner",
        "titles",
        "stories",
        "words",
    }
    assert named["titles"] == digest_of(table_groups()["titles"])


def test_a_digest_changes_with_a_letter_a_name_and_where_files_end(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    found = set()
    for first, second in (("甲", "乙"), ("甲", "丙"), ("甲乙", ""), ("", "甲乙")):
        one.write_text(first, "utf-8")
        other.write_text(second, "utf-8")
        found |= {digest_of([one, other]), digest_of([other, one])}
    assert len(found) == 8
    assert all(len(digest) == 12 for digest in found)
