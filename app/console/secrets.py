"""Showing a secret this once: it is in the answer to the form and nowhere else."""

from dataclasses import dataclass, field

from fastapi import Response

from app.console.session import Visit
from app.console.views import render


@dataclass(frozen=True, slots=True)
class Secret:
    """What was made, how it is called, what to do with it, where to go on."""

    title: str
    label: str
    value: str = field(repr=False)
    note: str
    back: str


async def show_once(visit: Visit, secret: Secret) -> Response:
    """Return the page with the secret.

    It answers the POST itself: a redirect would need the secret to be kept somewhere.
    """
    return await render(visit, "secret.html", secret)
