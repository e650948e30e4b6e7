"""A sender's requests are counted, and the fields say where the sender stands."""

from datetime import UTC, datetime

from app.ratelimit import RateLimiter


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds


def test_the_quota_is_admitted_and_no_more() -> None:
    limiter = RateLimiter(Hands(), "sender", quota=3, window=60)

    answers = [limiter.take("snd_a").allowed for _ in range(5)]

    assert answers == [True, True, True, False, False]


def test_keys_do_not_share_a_quota() -> None:
    limiter = RateLimiter(Hands(), "sender", quota=1, window=60)

    assert limiter.take("snd_a").allowed
    assert limiter.take("snd_b").allowed


def test_the_quota_grows_back_with_time_and_retry_after_is_enough() -> None:
    clock = Hands()
    limiter = RateLimiter(clock, "sender", quota=2, window=60)
    limiter.take("snd_a")
    limiter.take("snd_a")

    refused = limiter.take("snd_a")
    clock.seconds += refused.retry_after

    assert refused.retry_after == 30
    assert limiter.take("snd_a").allowed
    assert not limiter.take("snd_a").allowed


def test_a_long_silence_gives_no_more_than_the_quota() -> None:
    clock = Hands()
    limiter = RateLimiter(clock, "sender", quota=2, window=60)
    limiter.take("snd_a")
    clock.seconds += 1_000_000

    assert [limiter.take("snd_a").allowed for _ in range(3)] == [True, True, False]


def test_the_fields_name_policy_remaining_and_reset() -> None:
    limiter = RateLimiter(Hands(), "sender", quota=60, window=60)
    limiter.take("snd_a")

    fields = dict(limiter.take("snd_a").fields)

    assert fields == {
        b"ratelimit-policy": b'"sender";q=60;w=60',
        b"ratelimit": b'"sender";r=58;t=2',
    }
