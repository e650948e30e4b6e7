"""The shape of the published keys, for the OpenAPI document."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class KeyAnswer(BaseModel):
    """A public key; one that was replaced stays, with the time of its retirement."""

    key_id: str
    purpose: Literal["envelope", "checkpoint"]
    algorithm: Literal["Ed25519"]
    public_key: str = Field(description="32 bytes in base64url without padding")
    created_at: datetime
    retired_at: datetime | None


class KeysAnswer(BaseModel):
    """The public keys of this gateway, old ones included."""

    keys: list[KeyAnswer]
