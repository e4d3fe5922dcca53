"""A ledger with its views, on which changes happen, and the means to look at deliveries."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.access import ROLE_SCOPES, Bindings, Role
from ledger.application.clients import add_client
from ledger.application.ledger import Ledger
from ledger.domain import commands as c
from ledger.notifications import endpoints
from ledger.notifications.courier import Courier
from ledger.notifications.endpoints import Endpoint
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Request
from tests.conftest import PARTITIONS
from tests.storage.commands import DAY, deposit, opening, signing

NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)
DISTRICT = opening(uuid4()).district


class City:
    """An account at bank ICBC of the institution `inst-<account>`; every refund of it makes changes."""

    def __init__(self, url: str, ledger: Ledger, runner: Runner, pool: Any) -> None:
        self.url = url
        self.ledger = ledger
        self.runner = runner
        self.pool = pool
        self.account_id = uuid4()
        self.now = NOW
        self._numbers = count()

    def clock(self) -> datetime:
        return self.now

    def later(self, by: timedelta) -> None:
        self.now += by

    async def do(self, command: c.Command) -> None:
        outcome = await self.ledger.execute(Request(command, "test:city"))
        await self.runner.wait_for(outcome.partition, outcome.position, 20.0)

    async def open(self, account_id: UUID | None = None) -> UUID:
        account_id = account_id or uuid4()
        await self.do(opening(account_id))
        return account_id

    async def payout(self, account_id: UUID | None = None) -> str:
        """An institution's payout of one fen: an instruction for the bank."""
        number, account_id = next(self._numbers), account_id or self.account_id
        reserve = deposit(account_id, f"in-{number}-{account_id}", amount_fen=1, contract="")
        await self.do(msgspec.structs.replace(reserve, purpose="reserve"))
        await self.do(c.ReleaseReserve(account_id=account_id, effective_on=DAY, amount_fen=1, reason="test"))
        instruction_id = f"payout-{number}-{account_id}"
        await self.do(
            c.RequestPayout(account_id=account_id, effective_on=DAY, instruction_id=instruction_id, amount_fen=1)
        )
        return instruction_id

    async def refund(self, account_id: UUID | None = None) -> str:
        """A family's refund request, which nobody has answered."""
        number, account_id = next(self._numbers), account_id or self.account_id
        contract_id = f"c-{number}-{account_id}"
        await self.do(signing(account_id, contract_id))
        await self.do(deposit(account_id, f"fee-{number}-{account_id}", contract=contract_id))
        refund_id = f"refund-{number}-{account_id}"
        await self.do(
            c.RequestRefund(
                account_id=account_id, effective_on=DAY, refund_id=refund_id, contract_id=contract_id, reason="moves"
            )
        )
        return refund_id

    async def client(self, client_id: str, role: Role, bindings: Bindings) -> None:
        async with self.pool.connection() as connection:
            await add_client(
                connection,
                client_id=client_id,
                name=client_id,
                role=role,
                scopes=ROLE_SCOPES[role],
                bindings=bindings,
                now=NOW,
            )

    async def bank_client(self) -> str:
        await self.client("bank-icbc", "bank", Bindings(bank="ICBC"))
        return "bank-icbc"

    async def endpoint(self, client_id: str, url: str, *topics: str) -> Endpoint:
        async with self.pool.connection() as connection:
            return await endpoints.register(
                connection, client_id=client_id, url=url, topics=topics, description="", key=uuid4(), now=self.now
            )

    @asynccontextmanager
    async def courier(self) -> AsyncGenerator[Courier]:
        async with Courier(
            self.url, clock=self.clock, allow_private=True, random=Random(1), poll_interval_s=0.02, timeout_s=5.0
        ) as courier:
            yield courier
            assert courier.failure is None, courier.failure


@pytest.fixture
async def city(database_url: str) -> AsyncIterator[City]:
    pool = AsyncConnectionPool[AsyncConnection[Any]](database_url, min_size=1, max_size=4, open=False)
    ledger = Ledger(database_url, PARTITIONS, clock=lambda: NOW)
    runner = Runner(database_url, decode_event, poll_interval_s=0.02)
    async with pool, ledger, runner:
        city = City(database_url, ledger, runner, pool)
        await city.open(city.account_id)
        yield city
