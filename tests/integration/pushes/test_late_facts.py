"""What comes to light after submission decides again before anybody can rule."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import orjson
import pytest

from app.domain.links import LinkTrail, TrailOutcome
from app.domain.pictures import TextLine
from app.domain.push import Image, Link, LinkTarget
from app.domain.state import PushState
from app.egress.guard import Guard
from app.egress.trail import TrailFollower
from app.inspection.reading import PictureReader
from app.pushes.late import LinkTrails, PictureTexts
from app.pushes.parts import ImageBytes
from app.pushes.replay import replay
from app.review.states import Refusal
from tests.fixtures.gate import Gate, MakeGate

WORDS = (TextLine("加微信 abc12345 领取红包", (10, 10, 300, 50)),)


class Reader(PictureReader):
    """Reads nothing but says what it is told to."""

    def __init__(self, lines: tuple[TextLine, ...] | None) -> None:
        super().__init__()
        self.lines = lines

    async def read(self, data: bytes) -> tuple[TextLine, ...] | None:
        assert data
        return self.lines


class Follower(TrailFollower):
    """Goes nowhere but says what it is told to."""

    def __init__(self, trail: LinkTrail) -> None:
        super().__init__(Guard(""), 1)
        self.trail = trail

    async def follow(self, url: str) -> LinkTrail:
        assert url.startswith("https://")
        return self.trail


@pytest.fixture
async def looking(make_gate: MakeGate) -> AsyncIterator[Gate]:
    async with make_gate(ocr=True, follow_links=True) as gate:
        yield gate


async def pushed(gate: Gate, number: int = 1) -> str:
    data = f"picture {number}".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    image = ImageBytes(sha256, "image/png", 400, 100, data, ())
    shown = Image(sha256, "image/png", 400, 100, "海报")
    answer = await gate.submit(gate.request(images=(shown,)), images=(image,))
    return str(orjson.loads(answer.body)["id"])


async def read(gate: Gate, lines: tuple[TextLine, ...] | None) -> None:
    texts = PictureTexts(gate.services.db, gate.clock, Reader(lines))
    assert await texts.run_once() == 1
    assert await texts.run_once() == 0
    await gate.release()


async def found(gate: Gate, push_id: str) -> list[tuple[str, str, str]]:
    decision = (await gate.dossier(push_id)).decision
    return [(one.rule, one.code, one.pointer) for one in decision.findings]


async def test_nobody_rules_before_the_words_are_read_and_what_they_say_holds(
    looking: Gate,
) -> None:
    push_id = await pushed(looking)
    assert ("house-picture", "picture-text-pending", "/images/0") in await found(looking, push_id)
    ticket = await looking.claim(push_id)
    assert await looking.rule(ticket) is Refusal.OUTAGE
    await read(looking, WORDS)
    after = await found(looking, push_id)
    assert not [one for one in after if one[0] == "house-picture"]
    assert {one[0] for one in after if one[2] == "/images/0/text"} >= {"popup-05-09-contact"}
    held = await looking.services.review.ticket(ticket.id)
    assert held is not None
    assert "popup-05-09-contact" in held.holds
    # The claim went on, and the reviewer saw the new findings.
    await looking.rule(ticket)
    await looking.release()
    assert await looking.state(push_id) is PushState.RELEASING
    decisions = (await looking.dossier(push_id)).decisions
    assert not any(replay(one).is_broken for one in decisions)


async def test_words_that_cannot_be_read_are_for_the_reviewer(looking: Gate) -> None:
    push_id = await pushed(looking)
    await read(looking, None)
    assert ("house-picture", "picture-text-failed", "/images/0") in await found(looking, push_id)
    ticket = await looking.claim(push_id)
    assert await looking.rule(ticket, checked="") is Refusal.NOT_CHECKED
    await looking.rule(ticket)
    assert await looking.state(push_id) is PushState.APPROVED


async def test_where_nobody_reads_the_reviewer_is_told_so(gate: Gate) -> None:
    push_id = await pushed(gate, 2)
    assert ("house-picture", "picture-text-unread", "/images/0") in await found(gate, push_id)
    assert await PictureTexts(gate.services.db, gate.clock, Reader(WORDS)).run_once() == 0


async def declared(gate: Gate) -> Link:
    provider = (await gate.services.register.current()).provider(gate.provider_id)
    assert provider is not None
    return Link(f"https://{provider.link_domains[0]}/a", LinkTarget.IN_APP)


@pytest.mark.parametrize(
    ("trail", "code"),
    [
        (LinkTrail(TrailOutcome.ENDED, ("https://shop.example/1",)), "trail-leaves"),
        (LinkTrail(TrailOutcome.FAILED, (), "no_answer"), "trail-failed"),
        (LinkTrail(TrailOutcome.ENDED), None),
    ],
)
async def test_a_declared_link_is_followed_before_the_ruling(
    looking: Gate, trail: LinkTrail, code: str | None
) -> None:
    push_id = await looking.push(link=await declared(looking))
    rule = "popup-05-09-link-trail"
    assert (rule, "trail-pending", "/link/url") in await found(looking, push_id)
    trails = LinkTrails(looking.services.db, looking.clock, Follower(trail))
    assert await trails.run_once() == 1
    assert await trails.run_once() == 0
    await looking.release()
    codes = [one[1] for one in await found(looking, push_id) if one[0] == rule]
    assert codes == ([] if code is None else [code])


async def test_a_foreign_link_is_not_followed(looking: Gate) -> None:
    foreign = replace(await declared(looking), url="https://shop.example/")
    push_id = await looking.push(link=foreign)
    assert not [one for one in await found(looking, push_id) if "trail" in one[1]]
    trails = LinkTrails(looking.services.db, looking.clock, Follower(LinkTrail(TrailOutcome.ENDED)))
    assert await trails.run_once() == 0
