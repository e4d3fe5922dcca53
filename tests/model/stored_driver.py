"""The driver over the real ledger on PostgreSQL: between commands it restarts, loses backends, is killed and rebuilds
views."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import uvloop
from hypothesis.stateful import rule
from psycopg import AsyncConnection, sql

from ledger.application.ledger import Ledger
from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.events import Event
from ledger.domain.partition import partition_of
from ledger.projections import balances
from ledger.projections.compare import compare
from ledger.projections.rebuild import rebuild
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event, encode_account
from ledger.storage.requests import Request
from tests.conftest import PARTITIONS
from tests.model.driven_ledger import DrivenLedger


class StoredDriver(DrivenLedger):
    """One account in a store of its own; the process may end at any time."""

    cluster_url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._name = f"machine_{uuid4().hex}"
        with psycopg.connect(self.cluster_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE escrow_template").format(sql.Identifier(self._name))
            )
        before, _, query = self.cluster_url.partition("?")
        self._url = f"{before.rpartition('/')[0]}/{self._name}?{query}"
        self._loop = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._lose_backend = False
        self._open()

    def _open(self) -> None:
        self._ledger = Ledger(self._url, PARTITIONS, clock=self._clock, policies=self.policies)
        self._loop.run(self._ledger.__aenter__())

    def _clock(self) -> datetime:
        """Evening of the machine's day in China."""
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)

    def submit(self, command: c.Command, *, today: date, key: UUID) -> Sequence[Event]:
        request = Request(command, self.actor, key, repr(command).encode())
        return self._loop.run(self._execute(request)).events

    async def _execute(self, request: Request) -> Any:
        if not self._lose_backend:
            return await self._ledger.execute(request)
        self._lose_backend = False
        execution = asyncio.ensure_future(self._ledger.execute(request))
        async with await AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("SELECT pg_terminate_backend(%s)", [self._ledger.writer.backend_pid])
        return await execution

    @rule()
    def lose_the_backend_under_the_next_command(self) -> None:
        self._lose_backend = True

    @rule()
    def end_the_process_in_order(self) -> None:
        self.restart()

    @rule()
    def kill_the_process(self) -> None:
        """Nothing of the process is told that it ends; its connection and its memory are gone."""
        abandoned = self._ledger
        self._loop.run(self._abandon(abandoned))
        self._open()

    async def _abandon(self, ledger: Ledger) -> None:
        task = next(task for task in asyncio.all_tasks() if task.get_name() == "ledger-writer")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(asyncio.CancelledError):
            await ledger.__aexit__()

    @rule()
    def rebuild_the_views(self) -> None:
        self._loop.run(rebuild(self._url, decode_event, processes=1))

    def account(self) -> EscrowAccount:
        """As loaded from the store, which must be what the writer has in memory."""
        stored = self._ledger.account_at_version(self.account_id)
        in_memory = self._ledger.writer.in_memory(self.account_id)
        assert in_memory is None or encode_account(in_memory) == encode_account(stored)
        return stored

    def history(self) -> Sequence[Event]:
        with psycopg.connect(self._url) as connection:
            rows = connection.execute(
                "SELECT topic, state FROM escrow.events WHERE partition = %s AND account_id = %s ORDER BY version",
                [partition_of(self.account_id, PARTITIONS), self.account_id],
            ).fetchall()
        return [decode_event(topic, state) for topic, state in rows]

    def restart(self) -> None:
        self._loop.run(self._ledger.__aexit__())
        self._open()

    def teardown(self) -> None:
        try:
            super().teardown()
            self._loop.run(self._views_agree())
        finally:
            self._loop.run(self._ledger.__aexit__())
            self._loop.close()
            with psycopg.connect(self.cluster_url, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name)))

    async def _views_agree(self) -> None:
        """The views, followed since the last rebuild, say what the account says, and what a new fold says."""
        account = self._ledger.account_at_version(self.account_id)
        async with Runner(self._url, decode_event) as runner:
            for partition, head in self._ledger.writer.heads.items():
                await runner.wait_for(partition, head, 30)
        async with await AsyncConnection[Any].connect(self._url) as connection:
            assert await compare(connection, decode_event) == []
            if account.version:
                balance = await balances.get(connection, self.account_id)
                assert balance is not None
                assert balance.cash == account.buckets.cash
                assert balance.prepaid == account.buckets.prepaid
