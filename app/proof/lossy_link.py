"""A link to the counters that now and then loses what is asked or what is answered."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

_CHUNK: Final = 1 << 16


@dataclass
class LossyLink:
    """A TCP port of the loopback that passes on to `target`, a port or the path of a socket.

    While `loses` is above 0, that share of all pieces is lost and its connection broken: half of
    the losses before the server has seen the question, half after it has acted on it.
    """

    target: int | str
    rng: random.Random
    loses: float = 0.0
    lost: Counter[str] = field(default_factory=Counter)
    port: int = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["LossyLink"]:
        """Pass on until the end."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if isinstance(self.target, int):
                far = await asyncio.open_connection("127.0.0.1", self.target)
            else:
                far = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.close()
            return
        ways = (
            asyncio.create_task(self._pass_on("question", reader, far[1])),
            asyncio.create_task(self._pass_on("answer", far[0], writer)),
        )
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, far[1]):
            end.close()

    async def _pass_on(
        self, what: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_CHUNK):
                if self.rng.random() < self.loses / 2:
                    self.lost[what] += 1
                    return
                writer.write(piece)
                await writer.drain()
