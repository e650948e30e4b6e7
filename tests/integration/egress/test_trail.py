"""Following a link sees every hop and cannot be turned against a network of the operator."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from app.domain.links import LinkTrail, TrailOutcome
from app.egress.guard import Guard
from app.egress.trail import MOST_HOPS, TrailFollower

LOCAL = Guard("127.0.0.0/8")


@dataclass
class Site:
    """A server on this machine; `pages` maps paths to the head that it answers with."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head)
            path = head.split(b" ")[1].decode()
            if path == "/silent":
                await reader.read()
            status = self.pages.get(path, "HTTP/1.1 200 OK\r\n")
            # A body without end: whoever reads it never finishes.
            writer.write((status + "Content-Length: 99999999\r\n\r\n").encode() + b"x" * 4096)
            await writer.drain()
        writer.close()


def to(target: str, more: str = "") -> str:
    return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\n{more}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def test_each_hop_is_followed_without_cookies_and_credentials(site: Site) -> None:
    site.pages = {
        "/a": to("/b?x=1", "Set-Cookie: who=1\r\n"),
        "/b?x=1": to(site.url("/c")),
    }
    start = site.url("/a").replace("http://", "http://user:secret@")
    trail = await TrailFollower(LOCAL, 2).follow(start)
    assert trail.outcome is TrailOutcome.ENDED
    assert [hop.rpartition("/")[2] for hop in trail.hops] == ["b?x=1", "c"]
    assert len(site.asked) == 3
    sent = b"".join(site.asked).lower()
    assert b"cookie" not in sent
    assert b"authorization" not in sent


async def test_a_page_that_sends_on_for_ever_is_left(site: Site) -> None:
    site.pages = {"/a": to("/a")}
    trail = await TrailFollower(LOCAL, 2).follow(site.url("/a"))
    assert trail == LinkTrail(TrailOutcome.TOO_LONG, (site.url("/a"),) * MOST_HOPS)
    assert len(site.asked) == MOST_HOPS


async def test_an_app_at_the_end_is_seen_and_not_opened(site: Site) -> None:
    site.pages = {"/a": to("weixin://dl/scan")}
    trail = await TrailFollower(LOCAL, 2).follow(site.url("/a"))
    assert trail == LinkTrail(TrailOutcome.ENDED, ("weixin://dl/scan",))


async def test_no_private_address_is_connected_to_first_or_later(site: Site) -> None:
    refused = await TrailFollower(Guard(""), 2).follow(site.url("/a"))
    assert refused == LinkTrail(TrailOutcome.FAILED, (), "address_refused")
    assert site.asked == []
    inside = "http://169.254.169.254/latest/meta-data"
    site.pages = {"/a": to(inside)}
    later = await TrailFollower(LOCAL, 2).follow(site.url("/a"))
    assert later == LinkTrail(TrailOutcome.FAILED, (inside,), "address_refused")


@pytest.mark.parametrize(
    "head",
    ["nonsense\r\n", to("http://[broken"), to("/" + "a" * 3_000)],
)
async def test_what_makes_no_sense_fails_and_never_raises(site: Site, head: str) -> None:
    site.pages = {"/a": head}
    trail = await TrailFollower(LOCAL, 2).follow(site.url("/a"))
    assert trail == LinkTrail(TrailOutcome.FAILED, (), "no_answer")


async def test_a_page_that_does_not_answer_is_given_up(site: Site) -> None:
    trail = await TrailFollower(LOCAL, 0.2).follow(site.url("/silent"))
    assert trail == LinkTrail(TrailOutcome.FAILED, (), "no_answer")
