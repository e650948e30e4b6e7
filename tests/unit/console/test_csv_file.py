"""What stands in a CSV file is text to a spreadsheet, and what stood in the cells otherwise."""

import csv
import io

import pytest

from app.console.csv_file import csv_file, guarded


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+8613800000000", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠x", " =1", "\u3000-1"],
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["茶叶上市", "a=b", "", "2026-12-01", -3])
def test_all_else_stays_as_it_is(cell: str | int) -> None:
    assert guarded(cell) == cell


def test_a_file_says_what_it_is_and_keeps_commas_quotes_and_lines() -> None:
    answer = csv_file("queue", ("title", "n"), [('他说，"好"\n再见', 3)])
    assert answer.headers["content-disposition"] == 'attachment; filename="queue.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert bytes(answer.body).startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(bytes(answer.body).decode("utf-8-sig"))))
    assert rows == [["title", "n"], ['他说，"好"\n再见', "3"]]
