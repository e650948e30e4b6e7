"""Who may claim and who may rule, each reason by itself and in its order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.review.states import (
    MAX_CLAIMS,
    Refusal,
    Reviewer,
    Ticket,
    why_not_claim,
    why_not_hold,
    why_not_review,
    why_not_rule,
)
from tests.fixtures.clock import START as NOW

LIN = Reviewer("stf_lin", frozenset({"prv_tied"}))
SECOND = timedelta(seconds=1)
OPEN = Ticket(
    id="tkt_1",
    push_id="psh_1",
    digest="sha256:1",
    provider_id="prv_1",
    surface_id="srf_1",
    submitter="sender:snd_1",
    kind="general",
    title="末班车提前",
    holds=("human-review",),
    state="open",
    rank=0,
    deadline=NOW + timedelta(minutes=10),
    expires_at=NOW + timedelta(hours=1),
    opened_at=NOW,
    claimed_by=None,
    lease_until=None,
    fencing=0,
    closed_at=None,
)
MINE = replace(OPEN, claimed_by="stf_lin", lease_until=NOW + SECOND, fencing=4)
ANOTHERS = replace(MINE, claimed_by="stf_wang")


@pytest.mark.parametrize(
    ("ticket", "held"),
    [
        (OPEN, False),
        (MINE, True),
        (replace(MINE, lease_until=None), False),
        (replace(MINE, lease_until=NOW), False),
    ],
)
def test_a_claim_holds_until_its_lease_ends(ticket: Ticket, held: bool) -> None:
    assert ticket.is_held(NOW) is held


@pytest.mark.parametrize(
    ("ticket", "open_claims", "why"),
    [
        (OPEN, 0, None),
        (OPEN, MAX_CLAIMS - 1, None),
        (OPEN, MAX_CLAIMS, Refusal.TOO_MANY_CLAIMS),
        (MINE, 0, None),
        (ANOTHERS, 0, Refusal.CLAIMED_BY_OTHER),
        (replace(ANOTHERS, lease_until=NOW), 0, None),
        (replace(OPEN, state="closed"), 0, Refusal.CLOSED),
        (replace(OPEN, expires_at=NOW), 0, Refusal.PUSH_EXPIRED),
        (replace(OPEN, submitter=LIN.person), 0, Refusal.OWN_PUSH),
        (replace(OPEN, provider_id="prv_tied"), 0, Refusal.TIED),
        (replace(OPEN, escalated_at=NOW), 0, Refusal.NEEDS_LEAD),
        (replace(OPEN, first_by="stf_wang"), 0, None),
        (replace(OPEN, first_by="stf_lin"), 0, Refusal.RULED),
        (replace(OPEN, first_by="stf_wang", second_by="stf_lin"), 0, Refusal.RULED),
        (replace(OPEN, first_by="stf_wang", second_by="stf_li"), 0, Refusal.NEEDS_ARBITER),
    ],
)
def test_why_not_claim(ticket: Ticket, open_claims: int, why: Refusal | None) -> None:
    assert why_not_claim(ticket, LIN, NOW, open_claims) is why


@pytest.mark.parametrize(
    ("ticket", "why"),
    [
        (MINE, None),
        (replace(MINE, submitter=LIN.person), Refusal.OWN_PUSH),
        (replace(MINE, provider_id="prv_tied"), Refusal.TIED),
        (replace(MINE, state="closed"), Refusal.CLOSED),
        (OPEN, Refusal.NOT_CLAIMED),
        (ANOTHERS, Refusal.CLAIMED_BY_OTHER),
        (replace(MINE, fencing=5), Refusal.STALE_FENCING),
        (replace(MINE, lease_until=NOW), Refusal.LAPSED),
        (replace(MINE, digest="sha256:2"), Refusal.STALE_CONTENT),
        (replace(MINE, escalated_at=NOW), Refusal.NEEDS_LEAD),
    ],
)
def test_why_not_rule(ticket: Ticket, why: Refusal | None) -> None:
    assert why_not_rule(ticket, LIN, NOW, 4, "sha256:1") is why


def test_who_may_never_rule_is_told_so_first() -> None:
    """Whatever else is wrong: the reason that no waiting and no new claim would change."""
    worst = replace(OPEN, submitter=LIN.person, provider_id="prv_tied", digest="sha256:2")
    assert why_not_review(worst, LIN) is Refusal.OWN_PUSH
    assert why_not_rule(worst, LIN, NOW, 9, "sha256:1") is Refusal.OWN_PUSH
    assert why_not_hold(worst, LIN, NOW, 9) is Refusal.NOT_CLAIMED
    assert why_not_review(OPEN, LIN) is None


def test_what_was_escalated_is_for_leads_who_did_not_pass_it_on() -> None:
    lead = replace(LIN, is_lead=True)
    escalated = replace(OPEN, escalated_at=NOW)
    assert why_not_review(escalated, lead) is None
    assert why_not_review(OPEN, replace(LIN, passed=frozenset({"tkt_1"}))) is Refusal.PASSED
    passed = replace(lead, passed=frozenset({"tkt_1"}))
    assert why_not_review(escalated, passed) is Refusal.PASSED
    assert why_not_review(replace(OPEN, id="tkt_2"), passed) is None
