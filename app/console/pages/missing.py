"""Every address under /console that is no page."""

from fastapi import Response

from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.errors import NotFound

pages = Pages()


@pages.get("/console/{rest:path}", Permission.HOME)
async def missing(_visit: Visit) -> Response:
    """Say that there is nothing here."""
    raise NotFound


@pages.post("/console/{rest:path}", Permission.HOME)
async def missing_target(_visit: Visit) -> Response:
    """Say the same to a form."""
    raise NotFound
