"""After a rotation old releases still verify by the published keys, new ones by the new key."""

import json
import stat
from base64 import b64decode, urlsafe_b64decode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.signing.keys import Purpose
from tests.fixtures.console import Console
from tests.fixtures.desk import release


def signed_bytes(envelope: dict[str, Any]) -> bytes:
    """Return what DSSE signs: PAE(type, body)."""
    kind, body = envelope["payloadType"].encode(), b64decode(envelope["payload"])
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


async def test_old_releases_verify_by_the_keys_that_are_published_after_a_rotation(
    console_without_undo: Console,
) -> None:
    console, keyring = console_without_undo, console_without_undo.services.keyring
    used = []
    for _ in range(2):
        release_id, _ = await release(console)
        stored = await console.services.views.release(release_id)
        assert stored is not None
        used.append(json.loads(stored.envelope))
        keyring.rotate(Purpose.ENVELOPE)

    answer = await console.api.http.get("/.well-known/popgate-keys")
    published = {key["key_id"]: key for key in answer.json()["keys"]}
    assert len([key for key in published.values() if key["purpose"] == "envelope"]) == 3
    named = set()
    for envelope in used:
        (signature,) = envelope["signatures"]
        named.add(signature["keyid"])
        raw = urlsafe_b64decode(published[signature["keyid"]]["public_key"] + "=")
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(b64decode(signature["sig"]), signed_bytes(envelope))
    assert len(named) == 2
    assert "PRIVATE" not in answer.text


async def test_only_their_owner_can_read_the_keys_and_retired_ones_are_gone(
    console: Console,
) -> None:
    services = console.services
    folder = services.settings.keys
    before = {path.name for path in folder.glob("*.pem")}
    services.keyring.rotate(Purpose.ENVELOPE)
    after = {path.name for path in folder.glob("*.pem")}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(before) == len(after) == 2
    assert len(before & after) == 1
