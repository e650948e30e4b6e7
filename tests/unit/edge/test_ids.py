"""Identifiers: UUIDv7 in base32, growing, each one once."""

import time
from threading import Thread
from uuid import RFC_4122, UUID

from app.ids import is_id, issued_at, new_id

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def as_uuid(made: str) -> UUID:
    number = 0
    for digit in made.partition("_")[2]:
        number = number * 32 + ALPHABET.index(digit)
    return UUID(int=number)


def test_an_id_is_a_prefix_and_a_uuid_of_version_7() -> None:
    for made in (new_id("psh") for _ in range(2_000)):
        assert is_id("psh", made)
        assert not is_id("tkt", made)
        assert (as_uuid(made).version, as_uuid(made).variant) == (7, RFC_4122)


def test_ids_grow_and_none_comes_twice() -> None:
    made = [new_id("psh") for _ in range(20_000)]
    assert made == sorted(set(made))


def test_an_id_says_when_it_was_made() -> None:
    before = time.time()
    made = new_id("psh")
    # To the millisecond, rounded down.
    assert before - 0.001 <= issued_at(made) <= time.time()
    assert issued_at(made) * 1000 == as_uuid(made).int >> 80


def test_threads_make_different_ids() -> None:
    made: list[list[str]] = [[] for _ in range(4)]

    def work(mine: list[str]) -> None:
        mine.extend(new_id("x") for _ in range(5_000))

    threads = [Thread(target=work, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for mine in made for one in mine}) == 20_000
