"""Promise 11: the policy language has a closed set of keys, and none is about a customer."""

from dataclasses import fields
from typing import get_args

from app.delivery.models import outbox
from app.domain.policy import DailyCap, Policy
from app.domain.push import ContentKind
from app.policy.service import SCOPES, Reach

ABOUT_A_CUSTOMER = ("member", "vip", "tier", "paid", "paying", "level", "segment", "customer")


def test_a_cap_knows_surface_kind_and_number_and_nothing_else() -> None:
    assert {field.name for field in fields(DailyCap)} == {
        "id", "surface", "kind", "limit", "source", "house",
    }  # fmt: skip
    assert {field.name for field in fields(Policy)} == {"version", "caps"}
    assert ContentKind in get_args(DailyCap.__annotations__["kind"])


def test_a_kill_switch_names_no_customer_either() -> None:
    assert set(SCOPES) == {"everything"} | {field.name for field in fields(Reach)}


def test_what_is_sent_says_nothing_of_who_pays() -> None:
    for column in outbox.columns:
        assert not any(word in column.name for word in ABOUT_A_CUSTOMER), column.name
