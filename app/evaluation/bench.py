"""A whole gateway in an empty folder, without counters, that decides as the API would."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.bootstrap import Part, Services, build
from app.db.revisions import upgrade
from app.demo.enrolling import enrol
from app.demo.folder import DemoFolder
from app.demo.wire import Body, DemoPush, DemoSender
from app.domain.decision import Decision
from app.domain.push import PushRequest
from app.ids import new_id
from app.providers.register import Caller
from app.pushes.conversion import received
from app.pushes.parts import IdempotencyKey, PushParts
from app.pushes.schemas import PushModel
from app.running import running
from app.settings import Settings
from app.validation import parse_json

_NO_COUNTERS = "unix:///nowhere"
_PUBLISHED_HOURS = 2


@dataclass(frozen=True, slots=True)
class Bench:
    """Decides on and takes in pushes of the demo's publisher."""

    services: Services
    surface: str
    caller: Caller

    async def decide(self, body: Body) -> Decision:
        """Return what `POST /v1/checks` would say of a push without times; leaves no trace."""
        content = await self._received(_case(body, "case"))
        return await self.services.pushes.check(self.caller, content)

    async def submit(self, body: Body, name: str) -> str:
        """Take a push without times in, as `POST /v1/pushes` would, and return its id."""
        request, parts = await self._received(_case(body, name))
        key = IdempotencyKey(new_id("key"), "")
        answer = await self.services.pushes.submit(self.caller, request, parts, key)
        push_id: str = orjson.loads(answer.body)["id"]
        return push_id

    async def _received(self, one: DemoPush) -> tuple[PushRequest, PushParts]:
        # One case follows the other without a pause in which the versions would be read again.
        if self.services.watch.is_stale:
            await self.services.watch.refresh()
        now = self.services.clock.now()
        wire = one.on_wire(self.surface, ("r_case",), now)
        return await received(parse_json(PushModel, orjson.dumps(wire)), now)


def _case(body: Body, name: str) -> DemoPush:
    published = None if body.get("source") is None else _PUBLISHED_HOURS
    return DemoPush(name, DemoSender.NEWSROOM, body, published=published)


@contextlib.asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Open a bench over a folder that `prepared_folder` made ready."""
    services = build(_settings(folder), _NO_COUNTERS)
    async with running(services, frozenset({Part.SERVE})):
        enrolled = await enrol(services, DemoFolder(folder))
        await services.watch.refresh()
        register = await services.register.current()
        caller = register.caller(enrolled.keys[DemoSender.NEWSROOM])
        if caller is None:
            raise LookupError(DemoSender.NEWSROOM)
        yield Bench(services, enrolled.surface_id, caller)


@contextlib.contextmanager
def prepared_folder() -> Iterator[Path]:
    """Make a folder with a migrated database, for as long as it is needed; no loop may run."""
    with tempfile.TemporaryDirectory(prefix="popgate-evaluate-") as name:
        upgrade(_settings(Path(name)).database)
        yield Path(name)


def _settings(folder: Path) -> Settings:
    """Return settings that take nothing from the environment but the word lists."""
    return Settings(
        data_dir=folder,
        keys_dir=folder / "keys",
        database_url=None,
        redis_url=None,
        checkpoint_file=None,
    )
