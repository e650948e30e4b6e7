"""Promise 4: what cannot be checked is held, never sent."""

import pytest

from app.db.versions import VersionsStale
from app.domain.state import PushState
from app.review.states import Refusal
from app.screening.lexicon import Lexicon
from app.screening.rows import WordListError
from tests.fixtures.gate import Gate


def test_without_its_word_lists_the_gateway_does_not_start() -> None:
    with pytest.raises(WordListError):
        Lexicon.parse({})


async def test_news_without_a_published_source_list_waits_and_no_person_clears_it(
    gate: Gate,
) -> None:
    await gate.license_news()
    await gate.services.watch.refresh()
    answer = await gate.submit(gate.news())
    push_id = answer.body.split(b'"id":"')[1].split(b'"')[0].decode()

    decision = (await gate.dossier(push_id)).decision

    assert decision.waits_for_outage
    assert await gate.rule(await gate.claim(push_id)) is Refusal.OUTAGE


async def test_a_worker_that_cannot_read_the_versions_decides_and_sends_nothing(
    still_gate: Gate,
) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.approved("r_1")
    gate.wait(30)

    with pytest.raises(VersionsStale):
        gate.services.watch.number("sources")
    assert await gate.state(push_id) is PushState.APPROVED
    assert await gate.rows(push_id) == []
