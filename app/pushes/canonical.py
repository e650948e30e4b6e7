"""The canonical push: the bytes that a digest, a ruling and an envelope are bound to."""

import orjson

from app.domain.push import PushRequest
from app.domain.worked_out import WorkedOut

# On pushes orjson writes what `app.domain.canonical` writes, eleven times as fast: keys are
# ASCII, integers are small, instants are in UTC. A property test holds the two together.
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_STRICT_INTEGER


def canonical_push(provider_id: str, request: PushRequest) -> bytes:
    """Return RFC 8785 bytes over the validated push and its provider.

    Images and audience stand as their SHA-256, instants as RFC 3339 in UTC; no floats.
    """
    return b'{"provider":%b,"push":%b}' % (orjson.dumps(provider_id), push_bytes(request))


@WorkedOut
def push_bytes(request: PushRequest) -> bytes:
    """Return RFC 8785 bytes over a push alone, which its facts hold as well as its digest."""
    return orjson.dumps(request, option=_OPTIONS)


def canonical_tokens(tokens: tuple[str, ...]) -> bytes:
    """Return RFC 8785 bytes over the tokens of an audience, in their order."""
    return orjson.dumps(tokens)
