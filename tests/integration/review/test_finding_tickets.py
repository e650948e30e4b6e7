"""Choosing among open tickets and looking through closed ones, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.db.session import Tx
from app.domain.decision import RulingVerdict
from app.domain.push import ContentKind
from app.errors import Conflict, Invalid, NotFound
from app.ids import new_id
from app.review.models import tickets
from app.review.past_repository import UNRULED, PastFilter, past
from app.review.queue_repository import QueueFilter
from app.review.saved_views import MOST_VIEWS, SavedViews
from app.rules.catalogue import CATALOGUE
from tests.fixtures.gate import LIN, WANG, Gate

LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


async def found(gate: Gate, **wanted: object) -> list[str]:
    """Return the pushes of the closed tickets that match, the last closed first."""
    asked = replace(PastFilter(LONG_AGO, FAR_AHEAD), **wanted)  # type: ignore[arg-type]
    pages: list[str] = []
    after = None
    while page := await gate.services.db.read(lambda tx: past(tx, asked, 2, after)):  # noqa: B023
        pages += [one.ticket.push_id for one in page]
        after = page[-1].ticket.id
    return pages


async def test_open_tickets_are_chosen_by_whatever_the_queue_offers(still_gate: Gate) -> None:
    gate, review = still_gate, still_gate.services.review
    old = await gate.push(title="茶叶上市")
    gate.wait(3600)
    new = await gate.push(title="咖啡上市 100%")
    claimed = await gate.claim(new)

    async def chosen(**wanted: object) -> set[str]:
        page, total = await review.queue(QueueFilter(**wanted))  # type: ignore[arg-type]
        assert total == len(page)
        return {ticket.push_id for ticket in page}

    hour_ago = gate.clock.now() - timedelta(minutes=30)
    assert await chosen() == {old, new}
    assert await chosen(text="咖啡") == await chosen(text="100%") == {new}
    assert await chosen(text="1_0%") == set()
    assert await chosen(opened_before=hour_ago) == {old}
    assert await chosen(claimed=True) == {new}
    assert await chosen(claimed=False) == {old}
    assert await chosen(sender_id=gate.caller.sender_id) == {old, new}
    assert await chosen(sender_id="snd_other") == await chosen(provider_id="prv_other") == set()
    assert await chosen(kind=ContentKind.NEWS.value) == set()
    assert await chosen(rules=("human-review",)) == {old, new}
    assert await chosen(rules=("human-review",), held_by_these_alone=True) == {old, new}
    assert await chosen(rules=("human",)) == set()
    assert await chosen(rules=()) == set()
    assert claimed.sender_id == gate.caller.sender_id
    assert claimed.claimed_at == gate.clock.now()


async def some_past(gate: Gate) -> tuple[str, str, str]:
    """Close three tickets: one approved, a day later one refused and one withdrawn."""
    approved = await gate.push(title="ＢＵＳ 晚点", body="今日 Line 7 停运。")
    await gate.rule(await gate.claim(approved))
    gate.wait(86400)
    refused = await gate.push(title="末班车提前")
    ticket = await gate.claim(refused, WANG)
    await gate.rule(ticket, WANG, verdict=RulingVerdict.REFUSE, clause="第五条")
    withdrawn = await gate.push(title="公告")
    await gate.services.pushes.withdraw(gate.caller, withdrawn, "")
    await gate.push(title="还在等")
    return approved, refused, withdrawn


async def test_closed_tickets_are_found_by_words_people_rule_verdict_and_day(
    still_gate: Gate,
) -> None:
    gate = still_gate
    approved, refused, withdrawn = await some_past(gate)
    hour_ago = gate.clock.now() - timedelta(hours=1)
    asked: list[tuple[dict[str, object], list[str]]] = [
        ({}, [withdrawn, refused, approved]),
        ({"words": ("bus",)}, [approved]),
        ({"words": ("line 7", "晚点")}, [approved]),
        ({"words": ("line 7", "提前")}, []),
        ({"reviewer": WANG.person}, [refused]),
        ({"reviewer": WANG.person, "verdict": "approve"}, []),
        ({"verdict": "approve"}, [approved]),
        ({"verdict": UNRULED}, [withdrawn]),
        ({"rule": "human-review"}, [withdrawn, refused, approved]),
        ({"rule": "popup-05-03-distortion"}, []),
        ({"since": hour_ago}, [withdrawn, refused]),
        ({"until": hour_ago}, [approved]),
        ({"sender_id": "snd_other"}, []),
        ({"kind": "news"}, []),
    ]
    for wanted, pushes in asked:
        assert await found(gate, **wanted) == pushes, wanted


async def test_a_ruling_that_is_found_says_when_its_claim_began(still_gate: Gate) -> None:
    gate = still_gate
    ticket = await gate.claim(await gate.push())
    began = gate.clock.now()
    gate.wait(40)
    await gate.services.review.heartbeat(LIN, ticket.id, ticket.fencing)
    await gate.rule(ticket)
    [one] = await gate.services.db.read(lambda tx: past(tx, PastFilter(LONG_AGO, FAR_AHEAD), 5))
    assert [given.claimed_at for given in one.rulings] == [began]
    behind = PastFilter(LONG_AGO, FAR_AHEAD)
    assert await gate.services.db.read(lambda tx: past(tx, behind, 5, "tkt_unknown")) == []


async def test_the_longest_ticket_there_can_be_fits_into_the_index(gate: Gate) -> None:
    ticket = await gate.claim(await gate.push())
    every = tuple(rule.id for rule in CATALOGUE)
    # Of an operator's own rules fifty, each with a name that resembles no other.
    own = tuple(f"operator-{new_id('rul')[4:]}-{n}" for n in range(50))
    longest = replace(
        ticket, id=ticket.id, push_id=ticket.push_id, holds=every + own,
        title="".join(chr(0x20000 + 977 * n) for n in range(100)),
    )  # fmt: skip

    def grow(tx: Tx) -> None:
        longer = {"holds": list(longest.holds), "title": longest.title}
        tx.execute(tickets.update().where(tickets.c.id == ticket.id).values(longer))

    await gate.services.db.write(grow)
    page, _ = await gate.services.review.queue(QueueFilter(rules=(own[-1],)))
    assert [one.title for one in page] == [longest.title]


async def test_views_are_their_makers_until_they_are_shared(gate: Gate) -> None:
    views = SavedViews(gate.services.db, gate.services.clock)
    made = await views.save("stf_lin", "queue", "  等得  久的 ", "age=4h")
    assert made.name == "等得 久的"
    await views.save("stf_wang", "queue", "等得 久的", "age=1h")
    await views.save("stf_lin", "past", "等得 久的", "")
    with pytest.raises(Conflict):
        await views.save("stf_lin", "queue", "等得 久的", "")
    for name in ("", "   ", "长" * 41, "坏\u0007"):
        with pytest.raises(Invalid):
            await views.save("stf_lin", "queue", name, "")
    for work in (
        views.open("stf_wang", made.id),
        views.rename("stf_wang", made.id, "我的"),
        views.share("stf_wang", made.id, is_shared=True),
        views.delete("stf_wang", made.id),
        views.open("stf_lin", "svw_unknown"),
    ):
        with pytest.raises(NotFound):
            await work


async def test_a_shared_view_is_seen_by_all_and_changed_by_its_maker_alone(gate: Gate) -> None:
    views = SavedViews(gate.services.db, gate.services.clock)
    made = await views.save("stf_lin", "queue", "等得 久的", "age=4h")
    await views.save("stf_wang", "queue", "等得 久的", "age=1h")
    await views.share("stf_lin", made.id, is_shared=True)
    assert (await views.open("stf_wang", made.id)).query == "age=4h"
    assert made.id in [one.id for one in await views.of("stf_wang")]
    with pytest.raises(NotFound):
        await views.delete("stf_wang", made.id)
    other = await views.save("stf_lin", "queue", "新闻", "kind=news")
    with pytest.raises(Conflict):
        await views.rename("stf_lin", other.id, "等得 久的")
    await views.rename("stf_lin", other.id, "只看新闻")
    await views.share("stf_lin", made.id, is_shared=False)
    assert [one.name for one in await views.of("stf_wang")] == ["等得 久的"]
    await views.delete("stf_lin", made.id)
    assert {one.name for one in await views.of("stf_lin")} == {"只看新闻"}
    for number in range(MOST_VIEWS - 1):
        await views.save("stf_lin", "queue", f"第 {number} 个", "")
    with pytest.raises(Invalid):
        await views.save("stf_lin", "queue", "再一个", "")
