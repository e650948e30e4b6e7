"""The two servers that are compared; both print a line of JSON once they listen.

python -m benchmarks.submit.server gateway|bare
"""

import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from app.audit.events import system
from app.bootstrap import Part, Services, build
from app.collector import settle
from app.db.revisions import upgrade
from app.db.session import Tx
from app.demo.papers import put_on_file
from app.domain.facts import NEWS_LICENCE, Licence
from app.ids import new_id
from app.logs import configure_logging
from app.main import create_app
from app.providers.advertisers import AdvertiserDetails
from app.providers.enrolment import NewProvider
from app.providers.keys import NewSender
from app.providers.register import Scope
from app.providers.surfaces import NewSurface, SurfaceDetails
from app.pushes.schemas import PushModel
from app.running import running
from app.settings import Settings
from app.validation import parse_json
from app.wire import idempotency_key, identify, read_json_body
from benchmarks.submit.pushes import ADVERTISER, CREDIT_CODE

_ACTOR = system("benchmark")
_SOURCES = "name,domain\n新华通讯社,news.cn\n人民日报社,people.com.cn\n".encode()

bare_tables = MetaData()
first = Table(
    "bare_pushes", bare_tables,
    Column("id", String(40), primary_key=True),
    Column("provider_id", String(40), nullable=False),
    Column("title", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
)  # fmt: skip
second = Table(
    "bare_keys", bare_tables,
    Column("key", String(255), primary_key=True),
    Column("push_id", String(40), nullable=False),
    Column("status", Integer, nullable=False),
)  # fmt: skip


async def enrol(services: Services) -> dict[str, str]:
    """Register a provider with all its papers, a surface and a sender; return surface id and key.

    With nothing on file every push would carry a finding for each missing paper.
    """
    provider = await services.enrolment.add_provider(
        _ACTOR,
        NewProvider("北京示例科技有限公司", "示例新闻", "91350100M000100Y43", ("example.cn",)),
    )
    licence = Licence(
        NEWS_LICENCE, "11220260001", ("reprinting",), date(2024, 1, 1), date(2034, 1, 1)
    )
    await services.enrolment.add_licence(_ACTOR, provider, licence)
    await put_on_file(services, _ACTOR, provider)
    shop = AdvertiserDetails(
        ADVERTISER,
        "北京市示例路 1 号",
        "010-0000-0000",
        "营业执照",
        date(2024, 1, 1),
        date(2034, 1, 1),
    )
    await services.advertisers.add(_ACTOR, CREDIT_CODE, shop)
    details = SurfaceDetails("示例新闻客户端", "Asia/Shanghai", "400-000-0000", "news")
    surface = await services.surfaces.add(_ACTOR, NewSurface(provider, "app", "inbox", details))
    scopes = frozenset({Scope.PUSH_SUBMIT.value})
    sender = await services.sender_keys.add_sender(
        _ACTOR, NewSender(provider, "benchmark", "测试员", None, scopes)
    )
    key = await services.sender_keys.issue(_ACTOR, sender)
    draft = await services.packs.import_sources("stf_one", "2025-06", _SOURCES, "benchmark")
    await services.packs.publish(draft.edition.id, "stf_two")
    await services.watch.refresh()
    return {"surface": surface.surface_id, "key": key.raw}


def bare_app(settings: Settings) -> FastAPI:
    """Return the baseline: same server, body model, key check, driver, group commit, two rows."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        services = build(settings, "redis://127.0.0.1:1")
        async with running(services, frozenset({Part.SERVE})):
            await services.db.write(bare_tables.create_all)
            announce(await enrol(services))
            yield {"services": services}

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None)

    @app.post("/v1/pushes", status_code=201)
    async def submit(request: Request) -> Response:
        services: Services = request.state.services
        caller = await identify(request, Scope.PUSH_SUBMIT)
        key = idempotency_key(request)
        body = await read_json_body(request)
        model = parse_json(PushModel, body)
        push_id = new_id("psh")

        def work(tx: Tx) -> None:
            tx.execute(
                first.insert(),
                [
                    {
                        "id": push_id,
                        "provider_id": caller.provider_id,
                        "title": model.title,
                        "body": body,
                    }
                ],
            )
            tx.execute(second.insert(), [{"key": key, "push_id": push_id, "status": 201}])

        await services.db.write(work)
        return Response(
            json.dumps({"id": push_id, "state": "in_review"}), 201, media_type="application/json"
        )

    return app


def gateway_app(settings: Settings) -> FastAPI:
    """Return the gateway as `serve` runs it: API, console, version watch and sealer."""

    @contextlib.asynccontextmanager
    async def started() -> AsyncIterator[Services]:
        services = build(settings, "redis://127.0.0.1:1")
        async with running(services, frozenset({Part.SERVE, Part.SEAL})):
            enrolled = await enrol(services)
            settle()
            announce(enrolled)
            yield services

    return create_app(settings, started)


def announce(enrolled: dict[str, str]) -> None:
    """Tell the parent what it needs for requests."""
    print(json.dumps(enrolled), flush=True)


def main() -> None:
    """Serve until stopped."""
    settings = Settings()
    upgrade(settings.database)
    # The gateway's access log is written as in production; the baseline writes none.
    configure_logging(settings.log_level, stream=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    app = bare_app(settings) if sys.argv[1] == "bare" else gateway_app(settings)
    uvicorn.run(
        app, host="127.0.0.1", port=settings.port, loop="uvloop", http="httptools",
        access_log=False, log_level="warning",
    )  # fmt: skip


if __name__ == "__main__":
    main()
