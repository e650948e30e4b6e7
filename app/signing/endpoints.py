"""The public keys of this gateway, for whoever verifies an envelope or a checkpoint."""

import orjson
from fastapi import APIRouter, Request, Response

from app.documentation import answers, json_answer
from app.signing.answer_schemas import KeysAnswer
from app.signing.keyring import Keyring

router = APIRouter(tags=["public"])


@router.get(
    "/.well-known/popgate-keys",
    summary="Public keys, old ones included · 公钥",
    responses=answers(ok=json_answer("keys of both purposes", KeysAnswer)),
)
async def keys(request: Request) -> Response:
    """Return all public keys; a retired one still verifies what it signed."""
    keyring: Keyring = request.state.services.keyring
    shown = [key.as_json() for key in keyring.public_keys()]
    return Response(
        orjson.dumps({"keys": shown}),
        headers={"cache-control": "public, max-age=60"},
        media_type="application/json",
    )
