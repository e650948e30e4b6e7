"""Compiling what a pack says over the shipped lists, in a thread, once for each content."""

import asyncio

from app.packs.content import PackContent
from app.screening.screener import Screener


class Compiler:
    """Compiles one content at a time and keeps the one compiled last."""

    def __init__(self, base: Screener) -> None:
        """Lay contents over the lists of `base`."""
        self.base = base
        self._lock = asyncio.Lock()
        self._kept: tuple[str, Screener] | None = None

    async def screener(self, content: PackContent) -> Screener:
        """Return the lists with a content in them, made ready: some 0.4 s of a thread, 60 MB.

        Raises WordListError for a term that could never be met or a list that there is not.
        """
        if not content.terms and not content.exemptions:
            return self.base
        digest = content.digest
        async with self._lock:
            if self._kept is None or self._kept[0] != digest:
                self._kept = digest, await asyncio.to_thread(self._compile, content)
            return self._kept[1]

    def _compile(self, content: PackContent) -> Screener:
        return Screener.load(content.lexicon(self.base.lexicon))
