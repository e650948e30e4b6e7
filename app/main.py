"""The web application: every router, the layers around them, and how it starts and ends."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from app import documentation, middleware, ops, problems
from app.bootstrap import Services
from app.clock import SystemClock
from app.complaints import endpoints as complaints
from app.complaints.schemas import ComplaintAnswer, ComplaintBody
from app.console.pages.sources import UPLOAD_LIMIT
from app.console.router import router as console
from app.delivery import endpoints as inbox
from app.delivery.schemas import (
    CapsAnswer,
    EventsAnswer,
    EventsModel,
    InboxAnswer,
    VendorQuotasAnswer,
)
from app.pushes import endpoints as pushes
from app.pushes.documentation import MODELS as PUSH_MODELS
from app.readiness import readiness_monitor
from app.recipients import endpoints as recipients
from app.recipients.schemas import (
    RecipientAnswer,
    RecipientBody,
    RefusalAnswer,
    RefusalBody,
    RefusalsAnswer,
)
from app.settings import Settings
from app.signing import endpoints as signing
from app.signing.answer_schemas import KeysAnswer
from app.wire import BATCH_LIMIT

VERSION: Final = "0.1.0"
Started = Callable[[], AbstractAsyncContextManager[Services]]

_BODY_LIMITS: Final = {"/v1/pushes/batch": BATCH_LIMIT, "/console/sources/new": UPLOAD_LIMIT}
# Traces and records of it would hold whole addresses, and those hold tokens of recipients; we
# have metrics and an access log of our own.
_NO_TELEMETRY: Final = TelemetryConfig(tracing=False, metrics=False, logs=False)
_MODELS: Final = (
    *PUSH_MODELS,
    ComplaintAnswer,
    ComplaintBody,
    CapsAnswer,
    VendorQuotasAnswer,
    EventsAnswer,
    EventsModel,
    InboxAnswer,
    KeysAnswer,
    RecipientAnswer,
    RecipientBody,
    RefusalAnswer,
    RefusalBody,
    RefusalsAnswer,
)


def create_app(settings: Settings, started: Started) -> FastAPI:
    """Return the ASGI application.

    `started` builds and starts the services when the server starts, in the server's own event
    loop, and stops them when it ends; requests find them in `request.state.services`.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with started() as services:
            yield {"services": services, "monitor": readiness_monitor(services)}

    app = FastAPI(
        title="Popgate 弹窗合规网关",
        version=VERSION,
        description="Nothing pops up that the law blocks or no person approved. "
        "未经法规校验和人工审核的弹窗一律不推送。",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        telemetry=_NO_TELEMETRY,
    )
    for part in (pushes, inbox, recipients, complaints, signing, ops):
        # Not `include_router`: an included router is matched, entered and left at every request.
        app.router.routes.extend(part.router.routes)
    app.include_router(console)
    documentation.describe(app, _MODELS)
    _surround(app, settings)
    return app


def create_ops_app(settings: Settings, started: Started) -> FastAPI:
    """Return the application of a process that only dispatches: alive, ready, metrics."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with started() as services:
            monitor = readiness_monitor(services, counters_needed=True)
            yield {"services": services, "monitor": monitor}

    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.include_router(ops.router)
    _surround(app, settings)
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    problems.install(app)
    tls = settings.behind_tls_proxy or settings.tls_cert is not None
    middleware.install(app, SystemClock(), _BODY_LIMITS, tls=tls)
