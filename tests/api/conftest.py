"""An app over a real database, called in process; and clients that sign their own assertions."""

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import APIRouter, FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from psycopg_pool import AsyncConnectionPool

from api.main import create_app
from api.services import Pool, Services
from ledger.application.access import ROLE_SCOPES, Bindings, Role
from ledger.application.clients import add_client
from ledger.settings import Settings
from tests.api.town import Town, town_over

ISSUER = "https://escrow.test"
TOKEN_URL = ISSUER + "/v1/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class MovableClock:
    """The real time plus an offset which the test sets."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset_s


@dataclass
class Signer:
    """A registered client and its private key."""

    client_id: str
    key: Any = field(default_factory=lambda: OKPKey.generate_key("Ed25519"))
    algorithm: str = "Ed25519"

    def public_jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Good claims with some changed; None removes a claim."""
        now = int(time.time())
        good = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
        }
        return {name: value for name, value in (good | changed).items() if value is not None}

    def assertion(self, *, key: Any = None, header: Mapping[str, Any] | None = None, **changed: Any) -> str:
        head = {"alg": self.algorithm, **(header or {})}
        return jwt.encode(head, self.claims(**changed), key or self.key, algorithms=[str(head["alg"])])

    def form(self, assertion: str | None = None, **fields: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            **fields,
        }


@dataclass
class Api:
    """One running app, an HTTP client of it, and its clock."""

    app: FastAPI
    http: httpx.AsyncClient
    clock: MovableClock
    pool: Pool

    async def add_client(
        self,
        client_id: str,
        *,
        role: Role = "bank",
        scopes: frozenset[str] | None = None,
        bindings: Bindings | None = None,
        public_jwks: Mapping[str, Any] | None = None,
    ) -> str | None:
        async with self.pool.connection() as connection:
            return await add_client(
                connection,
                client_id=client_id,
                name="A client of a test",
                role=role,
                scopes=ROLE_SCOPES[role] if scopes is None else scopes,
                bindings=bindings or Bindings(bank="ICBC"),
                now=datetime.now(UTC),
                public_jwks=public_jwks,
            )

    async def add_signer(self, client_id: str = "bank-1", **options: Any) -> Signer:
        signer = Signer(client_id)
        await self.add_client(client_id, public_jwks=signer.public_jwks(), **options)
        return signer

    async def token(self, signer: Signer, **fields: str) -> str:
        answer = await self.http.post("/v1/oauth/token", data=signer.form(**fields))
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]


MakeApi = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture
def make_api(database_url: str) -> MakeApi:
    """Starts an app: `async with make_api(routers=[...], settings={...}, services={...}) as api`."""

    @asynccontextmanager
    async def start(
        *,
        routers: list[APIRouter] | None = None,
        settings: dict[str, Any] | None = None,
        services: dict[str, Any] | None = None,
    ) -> AsyncGenerator[Api, None]:
        chosen = Settings.model_validate(
            {
                "database_url": database_url,
                "public_url": ISSUER,
                "rate_limit_per_s": 0,
                "token_rate_limit_per_minute": 0,
                **(settings or {}),
            }
        )
        pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]] = AsyncConnectionPool(
            database_url, min_size=1, max_size=4, open=False
        )
        clock = MovableClock()
        app = create_app(chosen, services=Services(settings=chosen, pool=pool, clock=clock, **(services or {})))
        for router in routers or []:
            app.include_router(router)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
                yield Api(app, http, clock, pool)

    return start


@pytest.fixture(scope="module")
async def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A town which the tests of one module share: each makes contracts and receipts of its own."""
    async with town_over(module_database_url, tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture
async def api(make_api: MakeApi) -> AsyncIterator[Api]:
    """An app with its own routes only."""
    async with make_api() as running:
        yield running
