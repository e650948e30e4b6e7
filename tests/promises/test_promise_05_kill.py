"""Promises 5 and 6 under `kill -9`: nothing answered is lost, nothing is handed over twice."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.state import PushState
from app.policy.default import DEFAULT_CAPS
from tests.fixtures.gate import Gate
from tests.fixtures.processes import ROOT, Gateway
from tests.fixtures.valkey import free_port
from tests.fixtures.wire import complete_for, in_an_hour


@pytest.fixture
def settings(gate: Gate) -> dict[str, str]:
    """What makes another process part of the same gateway."""
    mine = gate.services.settings
    return {
        "GATEWAY_DATABASE_URL": mine.database,
        "GATEWAY_DATA_DIR": str(mine.data_dir),
        "GATEWAY_REDIS_URL": gate.counters_url,
        "GATEWAY_DISPATCH_LEASE_SECONDS": "2",
        "GATEWAY_UNDO_SECONDS": "0",
    }


async def kill(process: Gateway) -> None:
    await asyncio.to_thread(process.end, signal.SIGKILL)


async def test_what_was_answered_with_201_survives_the_kill(  # noqa: PLR0915 - one story
    gate: Gate, settings: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = ["serve", "--port", str(port)]
    answered: dict[str, bytes] = {}
    bodies: dict[str, Any] = {}
    server = Gateway(tmp_path, words, **settings)
    await asyncio.to_thread(server.until_ready, url)

    async def send(http: httpx.AsyncClient) -> None:
        while True:
            key = uuid4().hex
            own = {"external_id": key, "expires_at": in_an_hour()}
            bodies[key] = complete_for(gate.surface_id) | own
            headers = {"Idempotency-Key": key, "Authorization": f"Bearer {gate.key}"}
            try:
                answer = await http.post(f"{url}/v1/pushes", json=bodies[key], headers=headers)
            except httpx.HTTPError:
                return
            assert answer.status_code == 201, answer.text
            answered[key] = answer.content
            if len(answered) == 40:
                # The moment after an answer, with others in mid-flight.
                server.process.send_signal(signal.SIGKILL)

    async with httpx.AsyncClient(timeout=10) as http:
        await asyncio.gather(*(send(http) for _ in range(8)))
    await kill(server)
    assert len(answered) >= 40

    again = Gateway(tmp_path, words, **settings)
    await asyncio.to_thread(again.until_ready, url)
    async with httpx.AsyncClient(timeout=10) as http:
        for key, body in bodies.items():
            headers = {"Idempotency-Key": key, "Authorization": f"Bearer {gate.key}"}
            answer = await http.post(f"{url}/v1/pushes", json=body, headers=headers)
            assert answer.status_code == 201
            assert answered.get(key, answer.content) == answer.content
            found = await http.get(f"{url}/v1/pushes", params={"external_id": key}, headers=headers)
            assert len(found.json()["pushes" if "pushes" in found.json() else "items"]) == 1
    await kill(again)


async def test_a_dispatcher_that_is_killed_hands_everybody_one_popup(  # noqa: PLR0915 - one story
    gate: Gate, settings: dict[str, str], tmp_path: Path
) -> None:
    tokens = tuple(f"r_{number}" for number in range(240))
    for group in range(0, 240, 60):
        await asyncio.gather(*(gate.register(token) for token in tokens[group : group + 60]))
    # A kill between counting and handing over costs a slot: errors go towards fewer popups. With
    # room for that, everybody is reached all the same.
    roomy = tuple(replace(cap, limit=50) for cap in DEFAULT_CAPS if cap.is_counted)
    draft = await gate.services.policies.propose("stf_a", roomy, "room for lost slots")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()
    push_id = await gate.released(*tokens)
    is_sqlite = gate.services.db.dialect == "sqlite"
    words = ["serve", "--port", "0"] if is_sqlite else ["dispatch"]
    handed: list[str] = []
    kills = 0
    while await gate.state(push_id) is PushState.RELEASING:
        process = Gateway(tmp_path, words, **settings)
        try:
            # A rebuild that was cut off is left alone for ten seconds.
            async with asyncio.timeout(30):
                # Killed in the middle of its work: when some more have been handed over.
                before = (await gate.outcomes(push_id)).count("a")
                while (await gate.outcomes(push_id)).count("a") < min(before + 50, 240):
                    assert process.process.poll() is None, process.said()
                    await asyncio.sleep(0.01)
                # Another process does it: there is no event to wait for.
                while kills >= 2 and await gate.state(push_id) is PushState.RELEASING:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            await kill(process)
        kills += 1
        for token in tokens[: 80 * kills]:
            handed += [token for _ in await gate.inbox(token)]
    assert kills >= 2
    for token in tokens:
        handed += [token for _ in await gate.inbox(token)]
    assert sorted(handed) == sorted(tokens)
    assert await gate.outcomes(push_id) == "a" * 240
    assert await gate.state(push_id) is PushState.RELEASED


REVIEW = """
import asyncio, sys
from app.bootstrap import build
from app.review.states import Refusal, Reviewer
from app.pushes.ruling_request import RulingRequest
from app.domain.decision import RulingVerdict
from app.settings import Settings

async def main():
    services = build(Settings(), sys.argv[1])
    await services.watch.refresh()
    async def work(name):
        me = Reviewer(name, frozenset())
        while not isinstance(ticket := await services.review.claim_next(me), Refusal):
            given = await services.rulings.rule(me, RulingRequest(
                ticket.id, ticket.fencing, ticket.digest, RulingVerdict.APPROVE, None, "ok",
                ticket.holds))
            print(given.ruling.id, flush=True)
    await asyncio.gather(*(work(f"stf_{n}") for n in range(4)))

asyncio.run(main())
"""


async def test_a_ruling_is_whole_or_not_there_when_the_process_is_killed(
    gate: Gate, settings: dict[str, str], tmp_path: Path
) -> None:
    ids = [await gate.push() for _ in range(120)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REVIEW, gate.counters_url,
        env=settings | {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    told = [(await process.stdout.readline()).decode().strip() for _ in range(30)]
    process.kill()
    told += (await process.stdout.read()).decode().split()
    await process.wait()
    given: set[str] = set()
    for push_id in ids:
        dossier = await gate.dossier(push_id)
        ticket = await gate.services.review.ticket(dossier.ticket_id or "")
        assert ticket is not None
        ruled = bool(dossier.rulings)
        assert len(dossier.rulings) == ruled
        assert (dossier.push.state is PushState.APPROVED) == ruled
        assert (ticket.state == "closed") == ruled
        assert (dossier.push.release_at is not None) == ruled
        assert [change.to_state for change in dossier.timeline] == [
            PushState.IN_REVIEW,
            *([PushState.APPROVED] if ruled else []),
        ]
        given |= {one.ruling.id for one in dossier.rulings}
    assert {ruling for ruling in told if ruling.startswith("rul_")} <= given
    assert 30 <= len(given) < len(ids)
