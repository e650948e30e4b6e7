"""What was read in a picture at submission is kept with it and decides again at release."""

from dataclasses import replace

import orjson

from app.domain.pictures import AigcLabel, AigcMark, Code
from app.domain.push import Image
from app.domain.state import PushState
from app.pushes.parts import ImageBytes
from app.pushes.replay import replay
from app.pushes.stored import facts_from
from tests.fixtures.gate import Gate

SAYS = AigcMark(AigcLabel.GENERATED, "某生成服务", "p-1")
CODE = Code("QRCode", "https://u.wechat.com/MAbcdefg", (4, 4, 96, 96))


def picture(sha256: str, codes: tuple[Code, ...] | None) -> ImageBytes:
    """No real picture: nothing that decides looks into its bytes again."""
    return ImageBytes(sha256, "image/png", 100, 100, b"bytes", codes)


async def pushed(gate: Gate, *images: ImageBytes) -> str:
    shown = tuple(Image(one.sha256, one.media_type, 100, 100, "海报") for one in images)
    answer = await gate.submit(gate.request(images=shown), images=images)
    return str(orjson.loads(answer.body)["id"])


async def codes_found(gate: Gate, push_id: str) -> list[tuple[str, str]]:
    decision = (await gate.dossier(push_id)).decision
    about = [one for one in decision.findings if "code" in one.code]
    return [(one.code, one.pointer) for one in about]


async def test_a_code_holds_at_submission_and_is_known_again_at_release(gate: Gate) -> None:
    push_id = await pushed(gate, picture("a" * 64, ()), picture("b" * 64, (CODE,)))
    held = [("code-contact", "/images/1/codes/0")]
    assert await codes_found(gate, push_id) == held
    await gate.approve(push_id)
    await gate.release()
    assert await gate.state(push_id) is PushState.RELEASING
    dossier = await gate.dossier(push_id)
    assert [one.stage for one in dossier.decisions] == ["submit", "release"]
    first, last = (facts_from(one.facts).pictures for one in dossier.decisions)
    assert first == last
    assert [one.codes for one in last] == [(), (CODE,)]
    assert await codes_found(gate, push_id) == held
    assert not any(replay(one).is_broken for one in dossier.decisions)


async def test_a_picture_that_nobody_looked_into_is_looked_into_when_it_comes_again(
    gate: Gate,
) -> None:
    before = picture("c" * 64, None)
    old = await pushed(gate, before)
    assert await codes_found(gate, old) == [("picture-codes-unread", "/images/0")]
    await pushed(gate, replace(before, codes=(CODE,)))
    await gate.approve(old)
    await gate.release()
    # What came to light since the approval is a hold that nobody has cleared.
    assert await codes_found(gate, old) == [("code-contact", "/images/0/codes/0")]
    assert await gate.state(old) is PushState.IN_REVIEW


async def test_what_a_file_says_of_itself_is_kept_with_it_and_decides_again(gate: Gate) -> None:
    silent, telling = picture("d" * 64, ()), replace(picture("e" * 64, ()), aigc=SAYS)
    push_id = await pushed(gate, silent, telling)
    found = [one for one in (await gate.dossier(push_id)).decision.findings if "file-" in one.code]
    assert [(one.code, one.pointer) for one in found] == [("file-says-generated", "/images/1/aigc")]
    await gate.approve(push_id)
    await gate.release()
    first, last = (
        facts_from(one.facts).pictures for one in (await gate.dossier(push_id)).decisions
    )
    assert first == last
    assert [one.aigc for one in last] == [None, SAYS]
    # Stored before anybody looked at metadata, the bytes are looked at when they come again.
    await pushed(gate, replace(silent, aigc=SAYS))
    again = await pushed(gate, silent)
    await gate.approve(again)
    await gate.release()
    assert facts_from((await gate.dossier(again)).decisions[-1].facts).pictures[0].aigc == SAYS
