"""Answers that are CSV files, which no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final

from fastapi import Response

Cell = str | int

# What a spreadsheet takes for a formula, full width included; an apostrophe makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return rows as a file to be saved, with the mark by which spreadsheets know UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    headers = {
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "no-store",
    }
    return Response(
        file.getvalue().encode("utf-8-sig"), HTTPStatus.OK, headers, media_type="text/csv"
    )


def guarded(cell: Cell) -> Cell:
    """Return a cell as it may stand in a file; numbers of ours need no guard."""
    if isinstance(cell, str) and cell.lstrip(" \u3000\ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return cell
