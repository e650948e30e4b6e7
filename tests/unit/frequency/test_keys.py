"""Names in the counters: buckets, keys and batches."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.frequency import keys


def test_names_never_change_so_that_the_next_version_finds_what_was_counted() -> None:
    assert keys.place("srf_a/r_1") == (42, "pg:{42}roWpBd3ZV1AfUXJpb")
    assert keys.counter_mark("c", "day:2026-11-21").hex() == "c97254bf"
    assert keys.block_counter_mark("c", "day:2026-11-21").hex() == "c97254bff43d"
    assert keys.reservation_mark("att_1").hex() == "518043772434"


def test_surfaces_keep_their_recipients_apart() -> None:
    assert keys.place(keys.qualified("srf_a", "r_1")) != keys.place(keys.qualified("srf_b", "r_1"))
    assert keys.everyone_on("srf_a") not in {
        keys.qualified("srf_a", token) for token in ("", "everyone", "/everyone", "@srf_a")
    }


def test_recipients_spread_over_all_buckets() -> None:
    spread = Counter(keys.bucket_of(f"srf_a/r_{n}") for n in range(6400))
    assert set(spread) == set(range(keys.BUCKETS))
    assert max(spread.values()) < 2 * 100


@given(st.text(max_size=80))
def test_a_key_is_short_printable_and_carries_the_buckets_hash_tag(recipient: str) -> None:
    bucket, name = keys.place(recipient)
    assert re.fullmatch(rf"pg:\{{{bucket}\}}r[A-Za-z0-9_-]{{16}}", name)
    assert keys.reservation_key(bucket, "att_1").startswith(f"pg:{{{bucket}}}")


@given(st.lists(st.text(max_size=10), unique=True, max_size=300), st.integers(1, 250))
def test_batches_hold_everyone_once_in_one_bucket_each(recipients: list[str], size: int) -> None:
    batches = list(keys.batches(recipients, size))
    assert sorted(member for _, members in batches for member in members) == sorted(recipients)
    for bucket, members in batches:
        assert 1 <= len(members) <= size
        assert {keys.bucket_of(member) for member in members} == {bucket}


@pytest.mark.parametrize("size", [0, 251])
def test_a_batch_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 250"):
        list(keys.batches(["srf_a/r_1"], size))
