"""A whole gateway in an empty folder, without counters, that decides as the API would."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.bootstrap import Part, Services, build, running
from app.db.revisions import upgrade
from app.demo.cast import WINDOW
from app.demo.enrolling import enrol
from app.demo.folder import DemoFolder
from app.demo.wire import Body, DemoPush, DemoSender
from app.domain.decision import Decision
from app.providers.register import Caller
from app.pushes.conversion import received
from app.pushes.schemas import PushModel
from app.settings import Settings
from app.validation import parse_json

_NO_COUNTERS = "unix:///nowhere"
_PUBLISHED_HOURS = 2


@dataclass(frozen=True, slots=True)
class Bench:
    """Decides on pushes of the demo's publisher; leaves no trace."""

    services: Services
    surface: str
    caller: Caller

    async def decide(self, body: Body) -> Decision:
        """Return what `POST /v1/checks` would say of a push without surface and times."""
        now = self.services.clock.now()
        published = None if body.get("source") is None else _PUBLISHED_HOURS
        whole = DemoPush("case", DemoSender.NEWSROOM, body, published=published)
        wire = whole.on_wire(self.surface, ("r_case",), now)
        request, _ = await received(parse_json(PushModel, orjson.dumps(wire)), now)
        return await self.services.pushes.check(self.caller, request)


@contextlib.asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Open a bench over a folder that `prepared_folder` made ready."""
    settings = _settings(folder)
    services = build(settings, _NO_COUNTERS)
    async with running(services, frozenset({Part.SERVE})):
        enrolled = await enrol(services, DemoFolder(folder))
        register = await services.register.current()
        owner = register.surface(enrolled.surface_id)
        if owner is None or register.provider(owner.provider_id) is None:
            raise LookupError(WINDOW)
        caller = Caller("snd_evaluation", "", owner.provider_id, "evaluation", frozenset())
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
