"""The signed envelope: known bytes, and nothing else is accepted."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.signing.dsse import (
    EnvelopeError,
    Signature,
    pre_authentication_encoding,
    seal,
    unseal,
)

TYPE = "application/vnd.popgate.release+json"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {"k1": PRIVATE.public_key().public_bytes_raw()}
PAYLOAD = '{"title": "弹窗"}'.encode()


def sign(data: bytes) -> Signature:
    return Signature("k1", PRIVATE.sign(data))


ENVELOPE = seal(TYPE, PAYLOAD, sign)


def test_the_signed_bytes_are_those_of_the_dsse_protocol() -> None:
    # The example of the DSSE protocol document.
    assert pre_authentication_encoding("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_payload_comes_back_as_it_went_in() -> None:
    assert unseal(ENVELOPE, TYPE, KEYS) == PAYLOAD
    assert list(json.loads(ENVELOPE)) == ["payload", "payloadType", "signatures"]


def test_every_changed_bit_is_refused() -> None:
    for position in range(len(ENVELOPE)):
        for bit in range(8):
            changed = bytearray(ENVELOPE)
            changed[position] ^= 1 << bit
            with pytest.raises(EnvelopeError):
                unseal(bytes(changed), TYPE, KEYS)


def test_a_key_that_we_do_not_know_signs_nothing() -> None:
    with pytest.raises(EnvelopeError, match="unknown key k1"):
        unseal(ENVELOPE, TYPE, {})


def test_another_key_under_the_same_id_signs_nothing() -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(EnvelopeError, match="does not belong"):
        unseal(ENVELOPE, TYPE, {"k1": other})


def test_an_envelope_of_another_type_is_refused_although_signed() -> None:
    with pytest.raises(EnvelopeError, match="of type other"):
        unseal(seal("other", PAYLOAD, sign), TYPE, KEYS)


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        ENVELOPE + b" ",
        ENVELOPE.replace(b'"signatures":[', b'"signatures":[ '),
        ENVELOPE.replace(b'"keyid"', b'"more":1,"keyid"'),
        json.dumps({**json.loads(ENVELOPE), "signatures": []}).encode(),
        ENVELOPE.replace(base64.b64encode(PAYLOAD), base64.b64encode(PAYLOAD).rstrip(b"=")),
        ENVELOPE.replace(b'"payload":"', b'"payload":"\\ud800'),
    ],
)
def test_any_other_form_is_refused(envelope: bytes) -> None:
    assert envelope != ENVELOPE
    with pytest.raises(EnvelopeError):
        unseal(envelope, TYPE, KEYS)
