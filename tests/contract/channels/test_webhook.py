"""What the webhook channel makes of every way in which a receiver may answer."""

import base64
import hashlib
import hmac

import orjson
import pytest

from app.delivery.channel import Handed, HandOver
from app.delivery.channels.webhook import WebhookChannel
from app.delivery.outcomes import Outcome
from app.egress.guard import Guard
from app.egress.signed_post import Heard, SignedPost, Target
from tests.fixtures.gate import Gate


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database will do: the channel has none."""
    return sqlite_url


async def hand_over(gate: Gate) -> HandOver:
    push_id = await gate.released("r_1", "r_2", surface=gate.webhook_id)
    rows = await gate.services.dispatcher._claim(gate.clock.now())  # noqa: SLF001 - a real row
    row = next(row for row in rows if row.push_id == push_id)
    return HandOver("evt_1", row, b'{"payload":"x"}', row.recipients)


async def sent(gate: Gate) -> Handed:
    channel = WebhookChannel(gate.services.register, gate.services.post)
    return await channel.send(await hand_over(gate))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("200", Outcome.ACCEPTED),
        ("202", Outcome.ACCEPTED),
        ("204", Outcome.ACCEPTED),
        ("dribble", Outcome.ACCEPTED),
        ("301 Location: http://127.0.0.1:1/", Outcome.FAILED),
        ("307 Location: /elsewhere", Outcome.FAILED),
        ("400", Outcome.FAILED),
        ("401", Outcome.FAILED),
        ("404", Outcome.FAILED),
        ("410", Outcome.FAILED),
        ("429", Outcome.WAITING),
        ("503", Outcome.WAITING),
        # These may have been processed: only the same event id may be sent again.
        ("500", Outcome.STARTED),
        ("502", Outcome.STARTED),
        ("504", Outcome.STARTED),
        ("hang", Outcome.STARTED),
        ("reset", Outcome.STARTED),
    ],
)
async def test_every_answer_has_one_meaning(gate: Gate, answer: str, outcome: Outcome) -> None:
    gate.receiver.answers = [answer]
    handed = await sent(gate)
    assert set(handed.outcomes.values()) == {outcome}
    assert handed.outcomes
    assert [call.path for call in gate.receiver.calls] == ["/popups"]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("7", 7), ("0", 0), ("999999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-3", None)],
)
async def test_retry_after_is_believed_within_bounds(
    gate: Gate, line: str, seconds: int | None
) -> None:
    gate.receiver.answers = [f"429 Retry-After: {line}"]
    assert (await sent(gate)).retry_after == seconds


async def test_nobody_listening_means_certainly_not_sent(gate: Gate) -> None:
    target = Target("http://127.0.0.1:9/", "secret", "key")
    assert (await gate.services.post.send(target, "evt", b"{}")).heard is Heard.NOT_NOW


async def test_the_receiver_can_check_who_sent_it(gate: Gate) -> None:
    await sent(gate)
    call = gate.receiver.calls[0]
    stamp = call.headers["popgate-timestamp"]
    signed = hmac.new(
        gate.webhook_secret.encode(), f"{stamp}.".encode() + call.body, hashlib.sha256
    )
    given = call.headers["popgate-signature"].removeprefix("sha256=")
    assert signed.hexdigest() == given
    assert call.headers["popgate-key-id"] == gate.webhook_id
    assert call.headers["popgate-event-id"] == "evt_1"
    body = orjson.loads(call.body)
    assert set(body["recipients"]) <= {"r_1", "r_2"}
    assert body["event_id"] == "evt_1"
    assert body["envelope"] == {"payload": "x"}


async def test_the_envelope_that_is_sent_is_signed_over_the_ruled_digest(gate: Gate) -> None:
    push_id = await gate.released("r_1", surface=gate.webhook_id)
    await gate.dispatch()
    envelope = orjson.loads(gate.receiver.calls[0].body)["envelope"]
    payload = orjson.loads(base64.b64decode(envelope["payload"]))
    assert payload["digest"] == (await gate.stored(push_id)).digest


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0",
        "10.0.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "100.64.0.1", "224.0.0.1",
        "[::ffff:169.254.169.254]", "192.168.1.1", "[ff02::1]",
    ],
)  # fmt: skip
async def test_inside_addresses_are_refused_in_every_spelling(gate: Gate, host: str) -> None:
    post = SignedPost(gate.clock, Guard(""), 1.0)
    target = Target(f"http://{host}:{gate.receiver.port}/", "secret", "key")
    reply = await post.send(target, "evt", b"{}")
    await post.aclose()
    assert reply.heard is Heard.REFUSED, reply
    assert gate.receiver.calls == []


@pytest.mark.parametrize("url", ["http://", "http://a b/", "http://" + "x" * 300 + ".cn/", "x"])
async def test_a_malformed_address_is_an_answer_not_an_exception(gate: Gate, url: str) -> None:
    reply = await gate.services.post.send(Target(url, "secret", "key"), "evt", b"{}")
    assert reply.heard in {Heard.REFUSED, Heard.NOT_NOW}
