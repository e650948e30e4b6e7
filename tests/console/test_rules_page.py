"""The public matrix of clauses: who may read it, what it shows, and how it is narrowed."""

import re
from html import unescape

import pytest

from app.console.texts import texts
from app.rules.catalogue import CATALOGUE
from app.rules.elsewhere import Placing, elsewhere, laws
from app.rules.texts import Language
from tests.fixtures.console import Console, text_of


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_stranger_reads_every_clause_once(console: Console, lang: str) -> None:
    page = (await console.stranger().get("/rules", lang=lang)).text
    anchors = re.findall(r'<tr id="([^"]+)"', page)
    assert sorted(anchors) == sorted(
        [rule.id for rule in CATALOGUE] + [duty.id for duty in elsewhere()]
    )
    text = unescape(text_of(page))
    for law in laws().values():
        assert law.title[Language(lang)] in text


async def test_the_matrix_is_narrowed_by_treatment_instrument_and_text(console: Console) -> None:
    stranger = console.stranger()
    planned = (await stranger.get("/rules", treatment="planned")).text
    one = (await stranger.get("/rules", instrument="minors-online-regulations-2023")).text
    found = (await stranger.get("/rules", q="一键关闭")).text
    wanted = {duty.id for duty in elsewhere() if duty.placing is Placing.PLANNED}
    assert set(re.findall(r'<tr id="([^"]+)"', planned)) == wanted
    assert re.findall(r'<section class="panel" id="([^"]+)"', one) == [
        "minors-online-regulations-2023"
    ]
    assert 'id="popup-05-08-one-tap-close"' in found
    assert 'id="popup-01-purpose"' not in found


async def test_nothing_found_says_so_and_unknown_filters_are_ignored(console: Console) -> None:
    stranger = console.stranger()
    nothing = (await stranger.get("/rules", q="zzzz", lang="en")).text
    assert "No clause matches" in nothing
    strange = (await stranger.get("/rules", treatment="'--", instrument="<b>")).text
    assert 'id="popup-01-purpose"' in strange
    assert "<b>" not in strange


async def test_house_policy_is_marked_as_stricter_than_the_law(console: Console) -> None:
    page = (await console.stranger().get("/rules", instrument="house-policy", lang="en")).text
    assert text_of(page).count("Stricter than the rule in force, by product policy") >= 1
    assert page.count("House</span>") == sum(rule.house for rule in CATALOGUE)


async def test_replaced_texts_lead_to_what_took_their_place(console: Console) -> None:
    query = {"instrument": "algorithm-draft-2021", "lang": "en"}
    page = (await console.stranger().get("/rules", **query)).text
    text = text_of(page)
    assert 'href="/rules?instrument=algorithm-provisions-2021"' in page
    assert "Draft for comments, never in force" in text
    assert "Text in force: art. 24" in text


async def test_every_number_is_shown_with_where_it_comes_from(console: Console) -> None:
    stranger = console.stranger()
    chinese = unescape(text_of((await stranger.get("/rules")).text))
    english = unescape(text_of((await stranger.get("/rules", lang="en")).text))
    pack = await console.services.packs.active()
    for limit in pack.limits:
        zh, en = (texts(one)(f"rules.unit.{limit.unit}") for one in ("zh", "en"))
        assert f"{limit.name} {limit.value}{zh} {limit.source} 2026-11-" in chinese
        assert f"{limit.name} {limit.value}{en} {limit.source} 2026-11-" in english
    assert pack.version in english
