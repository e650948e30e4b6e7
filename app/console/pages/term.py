"""One term of a list: writing it, its examples tried before it is saved, taking it out."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, filled, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.console.words.board import Board, TermRow, board
from app.console.words.term_form import SWITCHED, entry_of, form_of, with_faults
from app.domain.screening import Technique
from app.errors import Conflict, Invalid, NotFound, Words
from app.packs.content import ItemKind, TermEntry
from app.packs.pack_repository import RulePack
from app.screening.wordlist import WordList

pages = Pages()

_LIST: Final = "/console/words"


@dataclass(frozen=True, slots=True)
class TermView:
    """The form of a term, new or as it stands."""

    board: Board
    word_list: WordList
    row: TermRow | None
    form: Form
    switched: tuple[Technique, ...]


@pages.get("/console/words/{list_id}/term", Permission.WORDS_READ)
async def ask_term(visit: Visit) -> Response:
    """Show a term, or the form for a new one."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    text = visit.query("text")
    row = _row(shown, word_list.list_id, text) if text else None
    if text and row is None:
        raise NotFound(Words("词库中没有这个词条", "The list has no such term"))
    clause = word_list.clause
    form = filled({"mark": "hold"}) if row is None else form_of(_whole(shown, row), clause)
    return await _show(visit, shown, word_list, row, form)


@pages.post("/console/words/{list_id}/term", Permission.WORDS_WRITE)
async def save_term(visit: Visit) -> Response:
    """Keep a term in the draft once its examples are found and let go as they should be."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    draft = must_have_draft(shown)
    entry = entry_of(visit, word_list.list_id)
    row = _row(shown, word_list.list_id, entry.text)
    try:
        faults = await visit.services.authoring.try_entry(draft.id, entry)
        if not faults:
            await visit.services.authoring.save(draft.id, visit.member.id, [entry])
    except Invalid as error:
        form = refused(visit, error)
        return await _show(visit, shown, word_list, row, form, error.status_code)
    if faults:
        form = with_faults(visit, typed(visit), faults)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _show(visit, shown, word_list, row, form, status)
    return redirect(
        visit, _back(word_list, entry.text), Flash("words.saved", "good", {"term": entry.text})
    )


@pages.post("/console/words/{list_id}/remove", Permission.WORDS_WRITE)
async def remove_term(visit: Visit) -> Response:
    """Take a shipped term out of the list, in the draft; an own one is simply dropped."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    draft = must_have_draft(shown)
    text = visit.field("text")
    if (word_list.list_id, text) in shown.ships.terms:
        reason = visit.field("reason").strip()
        entry = TermEntry(word_list.list_id, text, removed=True, reason=reason)
        await visit.services.authoring.save(draft.id, visit.member.id, [entry])
    else:
        key = (ItemKind.TERM, word_list.list_id, text)
        await visit.services.authoring.drop(draft.id, visit.member.id, key)
    return redirect(visit, _back(word_list), Flash("words.removed", "info", {"term": text}))


@pages.post("/console/words/{list_id}/restore", Permission.WORDS_WRITE)
async def restore_term(visit: Visit) -> Response:
    """Let a term stand as it is shipped, in the draft."""
    shown = await board(visit)
    word_list = shown.word_list(visit.path("list_id"))
    draft = must_have_draft(shown)
    text = visit.field("text")
    key = (ItemKind.TERM, word_list.list_id, text)
    await visit.services.authoring.drop(draft.id, visit.member.id, key)
    return redirect(visit, _back(word_list), Flash("words.restored", "info", {"term": text}))


def must_have_draft(shown: Board) -> RulePack:
    """Return the pack that can be changed; Conflict when there is none."""
    if shown.draft is None:
        words = Words(
            "没有可编辑的规则包草稿：请先新拟，或等在办的一份完成",
            "There is no draft to change: begin one, or wait for the one under way",
        )
        raise Conflict(words, code="no_draft")
    return shown.draft


async def _show(
    visit: Visit,
    shown: Board,
    word_list: WordList,
    row: TermRow | None,
    form: Form,
    status: int = HTTPStatus.OK,
) -> Response:
    view = TermView(shown, word_list, row, form, SWITCHED)
    return await render(visit, "words/term.html", view, status=status)


def _row(shown: Board, list_id: str, text: str) -> TermRow | None:
    return next((row for row in shown.rows(list_id) if row.entry.text == text), None)


def _whole(shown: Board, row: TermRow) -> TermEntry:
    """Return the entry; for a removed one what is shipped, so that the form can bring it back."""
    if not row.entry.removed:
        return row.entry
    key = (row.entry.list_id, row.entry.text)
    return shown.ships.terms.get(key, replace(row.entry, removed=False))


def _back(word_list: WordList, text: str = "") -> str:
    asked = f"?{urlencode({'q': text})}" if text else ""
    return f"{_LIST}/{quote(word_list.list_id)}{asked}"
