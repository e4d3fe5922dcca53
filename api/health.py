"""`/livez`, `/readyz`, `/metrics`, `/version`: for the machines that watch the server."""

import asyncio
import platform
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal, NamedTuple

import psycopg
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg_pool import PoolClosed, PoolTimeout
from pydantic import BaseModel, Field

from api.metrics import Metrics

CHECK_TIMEOUT_S: Final = 2.0
DISTRIBUTION: Final = "escrow-ledger"


class ReadinessCheck(NamedTuple):
    """One thing that must hold for requests to be served.

    `probe` returns None, or in a few words what is wrong. It may also raise what a lost database raises (psycopg.Error,
    PoolTimeout, OSError), and is given two seconds.
    """

    name: str
    probe: Callable[[], Awaitable[str | None]]


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """Whether the server should be sent requests; each check is `ok` or says in a few words what is wrong."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, str] = Field(examples=[{"database": "ok"}])


class Version(BaseModel):
    """What is running."""

    name: str = Field(examples=[DISTRIBUTION])
    version: str = Field(examples=["0.1.0"])
    api: str = Field(examples=["v1"])
    python: str = Field(examples=["3.11.2"])


def health_router(checks: Sequence[ReadinessCheck], metrics: Metrics) -> APIRouter:
    """The four routes; none needs a token, and none tells anything of accounts."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="The process answers")
    async def livez() -> Liveness:
        return Liveness(status="alive")

    @router.get(
        "/readyz",
        summary="The server can serve requests",
        responses={503: {"model": Readiness, "description": "At least one check does not hold."}},
    )
    async def readyz(response: Response) -> Readiness:
        outcomes = await asyncio.gather(*(run_check(check) for check in checks))
        ready = all(outcome == "ok" for outcome in outcomes)
        response.status_code = 200 if ready else 503
        return Readiness(
            status="ready" if ready else "not_ready",
            checks={check.name: outcome for check, outcome in zip(checks, outcomes, strict=True)},
        )

    @router.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}, "description": "Prometheus' text format."}},
    )
    async def scrape() -> Response:
        return Response(metrics.render(), headers={"content-type": CONTENT_TYPE_LATEST})

    @router.get("/version", summary="What is running")
    async def running_version() -> Version:
        return Version(name=DISTRIBUTION, version=installed_version(), api="v1", python=platform.python_version())

    return router


async def run_check(check: ReadinessCheck) -> str:
    """`ok`, or what is wrong in a few words, free of addresses and credentials."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check.probe() or "ok"
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT_S:g} s"
    except (psycopg.Error, PoolTimeout, PoolClosed, OSError) as error:
        return f"failed: {type(error).__name__}"


def installed_version() -> str:
    """The version of the installed distribution, or `source` when the code runs from a tree that is not installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "source"
