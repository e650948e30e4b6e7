"""All pushes of the demo, in the order in which they are handed in."""

from itertools import chain, zip_longest
from typing import Final

from app.demo.advertisements import ADVERTISEMENTS
from app.demo.news import NEWS
from app.demo.notices import NOTICES
from app.demo.wire import DemoPush

PUSHES: Final[tuple[DemoPush, ...]] = tuple(
    push
    for push in chain.from_iterable(zip_longest(NEWS, ADVERTISEMENTS, NOTICES))
    if push is not None
)
"""News, advertisements and notices by turns, as they come in life."""
