"""The app: routes, middleware, error answers and what lives as long as the server does."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.auth.access_state import STALE_AFTER_S, AccessState
from api.auth.token_endpoint import token_router
from api.auth.tokens import Tokens
from api.docs_pages import install_docs
from api.documentation import install_openapi
from api.errors import install_error_handlers
from api.health import ReadinessCheck, health_router, installed_version
from api.hot_routes import HotRoutes
from api.metrics import Metrics
from api.observability import RequestMiddleware
from api.ratelimit import RateLimits
from api.request_log import RequestLog
from api.routes import HOT_ROUTES, ROUTERS
from api.services import Pool, Services
from api.web.audiences import AUDIENCES
from api.web.site import install_pages
from ledger.settings import Settings

TITLE: Final = "Escrow ledger"
DESCRIPTION: Final = (
    "Supervised prepaid tuition. Amounts are integers in fen; dates are YYYY-MM-DD, instants RFC 3339 in UTC. "
    "Refusals are problem details (RFC 9457) with a stable code, in English or Chinese by Accept-Language. "
    "Every POST that changes something takes an Idempotency-Key."
)


def create_app(settings: Settings, *, services: Services) -> FastAPI:
    """An app over these services. Its lifespan opens the pool, reads the keys, and enters what runs in the background.

    `app.state` holds `services`, `tokens`, `rate_limits`, `metrics`, `request_log` and `access_state`, for thin routes.
    """
    state = AccessState(services.pool, clock=services.clock)
    tokens = Tokens(state, issuer=settings.public_url, ttl_s=settings.token_ttl_s)
    limits = RateLimits(client_per_s=settings.rate_limit_per_s, token_per_minute=settings.token_rate_limit_per_minute)
    request_log = RequestLog(services.pool, keep_days=settings.request_log_days, clock=services.clock)
    metrics = Metrics([*services.gauges, request_log.gauges])
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=installed_version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        lifespan=_lifespan_of(services, state, request_log),
    )
    app.state.services = services
    app.state.access_state = state
    app.state.tokens = tokens
    app.state.rate_limits = limits
    app.state.metrics = metrics
    app.state.request_log = request_log
    app.add_middleware(HotRoutes, routes=HOT_ROUTES)  # inside the next one
    app.add_middleware(
        RequestMiddleware,
        metrics=metrics,
        request_log=request_log,
        body_limit_bytes=settings.request_body_limit_bytes,
    )
    install_error_handlers(app)
    checks = [ReadinessCheck("database", _database_probe(services.pool)), _access_check(state), *services.readiness]
    app.include_router(token_router(services, state=state, tokens=tokens, limits=limits))
    if services.books is not None:
        for router in ROUTERS:
            app.include_router(router)
    app.include_router(health_router(checks, metrics))
    install_openapi(app)
    install_docs(app)
    if services.sign_in is not None:
        install_pages(app, [*AUDIENCES, *services.sign_in.more_pages])
    return app


def _lifespan_of(
    services: Services, state: AccessState, request_log: RequestLog
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        async with AsyncExitStack() as stack:
            await services.pool.open()
            stack.push_async_callback(services.pool.close)
            await state.refresh()
            await stack.enter_async_context(request_log.running())  # left last: it writes what ended meanwhile
            for background in services.background:
                await stack.enter_async_context(background())
            await stack.enter_async_context(_running(state.follow))
            yield

    return lifespan


@asynccontextmanager
async def _running(endless: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[None, None]:
    task = asyncio.create_task(endless())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _database_probe(pool: Pool) -> Callable[[], Awaitable[str | None]]:
    async def probe() -> str | None:
        async with pool.connection(timeout=1.0) as connection:
            await connection.execute("SELECT 1")
        return None

    return probe


def _access_check(state: AccessState) -> ReadinessCheck:
    async def probe() -> str | None:
        fresh = state.clock() - state.refreshed_at <= STALE_AFTER_S
        return None if fresh else "keys and revocations are out of date"

    return ReadinessCheck("access", probe)


def _operation_id(route: APIRoute) -> str:
    """Module and function: `cases_assign`."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.name}"
