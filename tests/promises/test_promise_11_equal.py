"""Promise 11: the policy language has a closed set of keys, and none is about a customer."""

from dataclasses import fields
from typing import get_args

from app.delivery.models import outbox
from app.domain.exemptions import Exempted, Exemption
from app.domain.policy import Cap, Covers, Per, Policy, Window
from app.policy.service import SCOPES, Reach

ABOUT_A_CUSTOMER = ("member", "vip", "tier", "paid", "paying", "level", "segment", "customer")


def test_a_cap_tells_kinds_of_pushes_apart_and_never_kinds_of_recipients() -> None:
    assert {field.name for field in fields(Cap)} == {
        "id", "limit", "window", "covers", "per", "over", "mode", "source", "house",
        "effective_from", "counts", "percent", "broadcast",
    }  # fmt: skip
    assert {field.name for field in fields(Covers)} == {
        "kinds", "surfaces", "providers", "topics", "classes", "minors",
    }  # fmt: skip
    assert set(Per) == {"recipient", "provider", "topic", "kind", "surface"}
    assert {field.name for window in get_args(Window) for field in fields(window)} == {
        "unit", "zone", "span_seconds", "gap_seconds", "starts_minute", "ends_minute",
    }  # fmt: skip
    assert {field.name for field in fields(Policy)} == {"version", "caps"}
    assert {field.name for field in fields(Exempted)} == {"surfaces", "providers", "topics"}
    assert {field.name for field in fields(Exemption)} == {
        "id", "caps", "pushes", "starts_at", "ends_at",
    }  # fmt: skip
    keyed = (Cap, Covers, Exempted, Exemption)
    for words in (*Per, *(field.name for kind in keyed for field in fields(kind))):
        assert not any(word in words for word in ABOUT_A_CUSTOMER), words


def test_a_kill_switch_names_no_customer_either() -> None:
    assert set(SCOPES) == {"everything"} | {field.name for field in fields(Reach)}


def test_what_is_sent_says_nothing_of_who_pays() -> None:
    for column in outbox.columns:
        assert not any(word in column.name for word in ABOUT_A_CUSTOMER), column.name
