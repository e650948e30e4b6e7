"""Dead Simple Signing Envelope (DSSE 1.0): signed bytes that travel as they are."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.domain.canonical import canonical_bytes


class EnvelopeError(ValueError):
    """An envelope that must not be trusted; the message says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature of 64 bytes and the id of the key that made it."""

    key_id: str
    value: bytes


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: type and payload, each after its length."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def seal(payload_type: str, payload: bytes, sign: Callable[[bytes], Signature]) -> bytes:
    """Return the envelope as canonical JSON: payload, payloadType and one signature."""
    made = sign(pre_authentication_encoding(payload_type, payload))
    return canonical_bytes(
        {
            "payload": _base64(payload),
            "payloadType": payload_type,
            "signatures": [{"keyid": made.key_id, "sig": _base64(made.value)}],
        }
    )


def unseal(envelope: bytes, payload_type: str, keys: Mapping[str, bytes]) -> bytes:
    """Return the payload of an envelope that one of `keys` (key id to raw public key) signed.

    Raises EnvelopeError unless the envelope is in exactly the form that `seal` writes, of that
    type, signed by a known key and unaltered.
    """
    stated_type, payload, signature = _parse(envelope)
    if stated_type != payload_type:
        raise EnvelopeError(f"the envelope is of type {stated_type}, not {payload_type}")
    raw_key = keys.get(signature.key_id)
    if raw_key is None:
        raise EnvelopeError(f"the envelope is signed by the unknown key {signature.key_id}")
    signed = pre_authentication_encoding(payload_type, payload)
    try:
        Ed25519PublicKey.from_public_bytes(raw_key).verify(signature.value, signed)
    except InvalidSignature as error:
        raise EnvelopeError("the signature does not belong to this payload") from error
    return payload


def _parse(envelope: bytes) -> tuple[str, bytes, Signature]:
    try:
        parsed = _fields(json.loads(envelope))
        exact = parsed is not None and _same(parsed, envelope)
    except (RecursionError, ValueError) as error:
        raise EnvelopeError(f"not an envelope: {error}") from error
    if parsed is None or not exact:
        raise EnvelopeError("an envelope is a payload, its type and one signature, exactly")
    return parsed


def _fields(value: object) -> tuple[str, bytes, Signature] | None:
    match value:
        case {
            "payload": str(payload),
            "payloadType": str(payload_type),
            "signatures": [{"keyid": str(key_id), "sig": str(signature)}],
        }:
            made = Signature(key_id, base64.b64decode(signature))
            return payload_type, base64.b64decode(payload), made
        case _:
            return None


def _same(parsed: tuple[str, bytes, Signature], envelope: bytes) -> bool:
    """Tell whether `seal` would write these bytes; base64 and JSON both know several forms."""
    payload_type, payload, signature = parsed
    return seal(payload_type, payload, lambda _: signature) == envelope


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
