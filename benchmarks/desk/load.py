"""Reviewers who decide at a fixed pace, whatever the server does, over plain sockets.

    python -m benchmarks.desk.load PORT SECONDS PACE HEARTBEAT SESSIONS

Each reviewer decides every PACE seconds from a random moment on: gives the ruling, which leads on
to the next ticket, and opens that with its preview. Meanwhile its page keeps the
claim alive every HEARTBEAT seconds, one in ten watches the queue as its page does, and somebody
opens a bare page twice a second. Late turns are not left out: they are begun at once and counted
from when they were due. SESSIONS is a file. Prints one line of JSON, times in milliseconds.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

BARE: Final = "/console/account"
_BARE_SECONDS: Final = 0.5
_WATCHERS: Final = 10
_WATCH_SECONDS: Final = 4.0
_WARM_UP: Final = 12.0
_IDLE: Final = 3.0
_FIELD: Final = re.compile(r'name="(fencing|digest|clears)" value="([^"]*)"')
_PREVIEW: Final = re.compile(r'<iframe[^>]*\ssrc="([^"]+)"')
Fields = Sequence[tuple[str, str]]
_Times = defaultdict[str, list[float]]


class ReviewerStuckError(Exception):
    """The server answered what no reviewer should see."""


@dataclass
class Browser:
    """One kept connection with a session's cookie and form token."""

    port: int
    cookie: str
    token: str
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    used: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(
        self, method: str, path: str, fields: Fields | None = None
    ) -> tuple[int, str, str]:
        """Return status, location and text of an answer."""
        content = b"" if fields is None else urlencode([("csrf", self.token), *fields]).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Cookie: popgate_session={self.cookie}; __Host-popgate={self.cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"HX-Request: {'true' if '?seen=' in path else 'false'}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        async with self.turn:
            answer, text = await self._answer(head.encode() + content)
        where = re.search(r"(?im)^location: (\S+)", answer)
        return int(answer.split()[1]), "" if where is None else where[1], text

    async def _answer(self, asked: bytes) -> tuple[str, str]:
        # As browsers do: the server closes what was idle for five seconds.
        if self.writer is None or time.perf_counter() - self.used > _IDLE:
            if self.writer is not None:
                self.writer.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.reader, self.writer
        assert reader is not None  # noqa: S101 - opened with the writer
        writer.write(asked)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        found = re.search(r"content-length: (\d+)", head.lower())
        text = (await reader.readexactly(0 if found is None else int(found[1]))).decode()
        self.used = time.perf_counter()
        return head, text


@dataclass
class Reviewer:
    """Somebody who has a ticket open, by a connection for pages and one for what they ask."""

    browser: Browser
    beside: Browser
    times: _Times
    ticket: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    async def take(self) -> None:
        """Claim the first ticket and open it."""
        began = time.perf_counter()
        status, where, _ = await self.browser.ask("POST", "/console/queue/next", ())
        self.times["claim"].append(time.perf_counter() - began)
        if status != HTTPStatus.SEE_OTHER or "/tickets/" not in where:
            raise ReviewerStuckError(f"claim: {status} {where}")
        await self._open(where)

    async def decide(self, due: float) -> None:
        """Approve what is open and open the next; counted from when it was due."""
        ruling = (("verdict", "approve"), ("reason", "内容与来源已核对。"), ("then", "next"))
        fields = (*self.fields, *ruling)
        began = time.perf_counter()
        status, where, text = await self.browser.ask("POST", f"{self.ticket}/ruling", fields)
        self.times["ruling"].append(time.perf_counter() - began)
        if status != HTTPStatus.SEE_OTHER or where == self.ticket:
            raise ReviewerStuckError(f"ruling: {status} {where} {text[:300]}")
        await self._open(where)
        self.times["decision"].append(time.perf_counter() - due)

    async def _open(self, where: str) -> None:
        self.ticket = where
        status, _, text = await self.browser.ask("GET", where)
        self.fields = tuple(_FIELD.findall(text))
        if status != HTTPStatus.OK or "digest" not in dict(self.fields):
            raise ReviewerStuckError(f"ticket: {status} {text[:300]}")
        preview = _PREVIEW.search(text)
        if preview is not None:
            await self.beside.ask("GET", preview[1].replace("&amp;", "&"))

    async def beat(self, _due: float) -> None:
        """Keep the claim of the open page alive."""
        if self.ticket:
            fencing = [pair for pair in self.fields if pair[0] == "fencing"]
            await self.beside.ask("POST", f"{self.ticket}/heartbeat", fencing)

    async def watch(self, _due: float) -> None:
        """Ask for the queue as its page does, which has not changed since it never looks."""
        await self.beside.ask("GET", "/console/queue?seen=none")


async def _paced(
    seconds: float, until: float, act: Callable[[float], Coroutine[Any, Any, None]]
) -> None:
    due = time.perf_counter() + random.random() * seconds  # noqa: S311 - no secret
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await act(due)
        due += seconds


async def run(
    port: int, seconds: float, pace: float, heartbeat: float, sessions: list[tuple[str, str]]
) -> dict[str, object]:
    """Load a server for some seconds after a warm-up; return what was measured."""
    times: _Times = defaultdict(list)
    reviewers = [Reviewer(Browser(port, *own), Browser(port, *own), times) for own in sessions]
    for one in reviewers:
        await one.take()
    stranger = Browser(port, *sessions[0])

    async def bare(due: float) -> None:
        status, _, _ = await stranger.ask("GET", BARE)
        if status != HTTPStatus.OK:
            raise ReviewerStuckError(f"bare page: {status}")
        times["bare"].append(time.perf_counter() - due)

    until = time.perf_counter() + _WARM_UP + seconds
    work = [_paced(_BARE_SECONDS, until, bare)]
    for number, one in enumerate(reviewers):
        work.append(_paced(pace, until, one.decide))
        work.append(_paced(heartbeat, until, one.beat))
        if number % _WATCHERS == 0:
            work.append(_paced(_WATCH_SECONDS, until, one.watch))

    async def after_warm_up() -> None:
        await asyncio.sleep(_WARM_UP)
        times.clear()

    await asyncio.gather(after_warm_up(), *work)
    return {"seconds": seconds, "reviewers": len(reviewers)} | {
        name: _figures(sorted(taken)) for name, taken in times.items()
    }


def _figures(taken: list[float]) -> dict[str, float]:
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {"count": len(taken)} | {
        name: round(taken[min(len(taken) - 1, int(len(taken) * share))] * 1000, 1)
        for name, share in at.items()
    }


def main() -> None:
    """Load the server that the words name."""
    _, port, seconds, pace, heartbeat, file = sys.argv
    sessions = [(cookie, token) for cookie, token in json.loads(Path(file).read_text())]
    figures = run(int(port), float(seconds), float(pace), float(heartbeat), sessions)
    print(json.dumps(asyncio.run(figures)))


if __name__ == "__main__":
    main()
