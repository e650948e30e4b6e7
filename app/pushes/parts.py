"""What stands in a push by its digest alone: image bytes and the tokens of the audience."""

from app.domain.pictures import AigcMark, Code, PictureFacts
from app.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """One decoded-size-checked image as it was handed in; `codes` None if not looked for.

    `aigc` is what its file says of itself, None for nothing.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    data: bytes
    codes: tuple[Code, ...] | None = None
    aigc: AigcMark | None = None


@dataclass(frozen=True, slots=True)
class PushParts:
    """The bytes behind the digests of a `PushRequest`."""

    images: tuple[ImageBytes, ...]
    recipients: tuple[str, ...]

    @property
    def pictures(self) -> tuple[PictureFacts, ...]:
        """What was found in the images, in their order."""
        return tuple(
            PictureFacts(image.sha256, image.codes, aigc=image.aigc) for image in self.images
        )


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
