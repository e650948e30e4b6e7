"""What stands in a push by its digest alone: image bytes and the tokens of the audience."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """One decoded-size-checked image as it was handed in."""

    sha256: str
    media_type: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PushParts:
    """The bytes behind the digests of a `PushRequest`."""

    images: tuple[ImageBytes, ...]
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The caller's key and the SHA-256 (hex) of the raw body that it stands for."""

    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer: replayed byte for byte under the same key."""

    status: int
    body: bytes
