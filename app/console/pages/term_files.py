"""A word list as a file: exporting it, and importing one with its difference shown first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus

from fastapi import Response
from starlette.datastructures import UploadFile  # noqa: TID251 - what forms really hold

from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.pages.term import must_have_draft
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.console.words.board import Board, board
from app.errors import Invalid
from app.packs.content import TermEntry
from app.packs.differences import PackDiff, difference
from app.packs.moves import with_items
from app.packs.term_csv import COLUMNS, MAX_BYTES, parse_terms, terms_csv
from app.screening.wordlist import WordList

pages = Pages()


@dataclass(frozen=True, slots=True)
class ImportView:
    """The form for a file."""

    board: Board
    word_list: WordList
    form: Form
    columns: tuple[str, ...]
    kibibytes: int


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a file would change in the draft, and the file itself to be confirmed."""

    board: Board
    word_list: WordList
    diff: PackDiff
    list_titles: dict[str, tuple[str, str]]
    text: str
    mode: str
    terms: int
    shown: int


@pages.get("/console/words/{list_id}/export", Permission.WORDS_READ)
async def export_terms(visit: Visit) -> Response:
    """Send the terms of a list as they stand; who took them is noted."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    rows = [row.entry for row in shown.rows(word_list.list_id) if not row.entry.removed]
    await visit.services.authoring.note_export(visit.member.id, word_list.list_id, len(rows))
    name = f"{word_list.list_id}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(terms_csv(rows), HTTPStatus.OK, headers, media_type="text/csv")


@pages.get("/console/words/{list_id}/import", Permission.WORDS_WRITE)
async def ask_import(visit: Visit) -> Response:
    """Show the form for a file."""
    return await _ask(visit, Form())


@pages.post("/console/words/{list_id}/import", Permission.WORDS_WRITE)
async def import_terms(visit: Visit) -> Response:
    """Show what a file would change; save it once that was confirmed."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    draft = must_have_draft(shown)
    upload, typed_in = visit.form.get("file"), visit.field("content")
    data = await upload.read() if isinstance(upload, UploadFile) else typed_in.encode()
    mode = "replace" if visit.field("mode") == "replace" else "merge"
    authoring = visit.services.authoring
    try:
        entries = parse_terms(data, word_list.list_id, visit.services.packs.loader.base.lexicon)
        changes = (*entries, *_gone(shown, word_list, entries, mode))
        if visit.field("confirmed") == "yes":
            await authoring.save(draft.id, visit.member.id, changes)
            flash = Flash("words.imported", "good", {"terms": len(entries)})
            return redirect(visit, f"/console/words/{word_list.list_id}?origin=pending", flash)
    except Invalid as error:
        return await _ask(visit, refused(visit, error), error.status_code)
    view = PreviewView(
        board=shown,
        word_list=word_list,
        diff=_difference(shown, changes),
        list_titles={word_list.list_id: (word_list.title_zh, word_list.title_en)},
        text=data.decode("utf-8-sig"),
        mode=mode,
        terms=len(entries),
        shown=200,
    )
    return await render(visit, "words/preview.html", view)


def _gone(
    shown: Board, word_list: WordList, entries: Iterable[TermEntry], mode: str
) -> list[TermEntry]:
    """Return the removals of what the file lacks, where it is to stand for the whole list."""
    if mode != "replace":
        return []
    given = {entry.text for entry in entries}
    return [
        replace(TermEntry(word_list.list_id, row.entry.text), removed=True, reason=row.entry.reason)
        for row in shown.rows(word_list.list_id)
        if row.entry.text not in given and not row.entry.removed
    ]


def _difference(shown: Board, changes: Iterable[TermEntry]) -> PackDiff:
    after = with_items(shown.content, [entry.to_item() for entry in changes])
    return difference(shown.ships, shown.content, after)


async def _ask(visit: Visit, form: Form, status: int = HTTPStatus.OK) -> Response:
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    view = ImportView(shown, word_list, form, COLUMNS, MAX_BYTES // 1024)
    return await render(visit, "words/import.html", view, status=status)
