"""Serving the console's own files and those that set-up brought in, and nothing else."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from app.errors import NotFound

FOLDER: Final = Path(__file__).parent / "static"

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
}
_LONG: Final = "public, max-age=31536000, immutable"
_SHORT: Final = "no-cache"

router = APIRouter(include_in_schema=False)


@router.get("/static/{name:path}", response_model=None)
async def static_file(name: str, request: Request) -> Response:
    """Return a file; with its digest in the address it may be kept for a year."""
    found = _files().get(name)
    if found is None:
        raise NotFound
    body, kind, tag = found
    fresh = request.query_params.get("v") == tag
    fields = {"cache-control": _LONG if fresh else _SHORT, "etag": f'"{tag}"'}
    if request.headers.get("if-none-match") == f'"{tag}"':
        return Response(status_code=304, headers=fields)
    return Response(body, headers={**fields, "content-type": kind})


@router.get("/favicon.ico", response_model=None)
async def favicon(request: Request) -> Response:
    """Return the icon to browsers that ask without having read the page."""
    return await static_file("console/icon.svg", request)


def address(name: str) -> str:
    """Return the address of a file with its digest; KeyError for one that is not there."""
    return f"/static/{name}?v={_files()[name][2]}"


@cache
def _files() -> dict[str, tuple[bytes, str, str]]:
    """Return content, media type and digest of every file, read once."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and path.suffix in _TYPES:
            body = path.read_bytes()
            name = path.relative_to(FOLDER).as_posix()
            found[name] = (body, _TYPES[path.suffix], sha256(body).hexdigest()[:12])
    return found
