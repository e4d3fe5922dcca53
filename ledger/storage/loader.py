"""Reads accounts into memory: newest snapshots, then the events after them, many accounts with two queries."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

import psycopg

from ledger.domain.account import EscrowAccount
from ledger.domain.evolution import evolve
from ledger.domain.partition import partition_of
from ledger.domain.streams import StreamState, begun_by
from ledger.storage.mapper import SNAPSHOT_TOPIC, decode_account, decode_event
from ledger.storage.recorder import Pool

_RETRY_FOR_S = 10.0
_RETRY_PAUSE_S = 0.1


class AccountLoader:
    """Loads many accounts at once: newest snapshots, then the events after them."""

    def __init__(
        self, pool: Pool, partitions: int, on_loaded: Callable[[StreamState, int], None] = lambda _, __: None
    ) -> None:
        self._pool = pool
        self._partitions = partitions
        self._on_loaded = on_loaded

    async def load(self, account_ids: Sequence[UUID]) -> list[StreamState]:
        """The accounts, cases and draws of these ids; an account of version 0 where there is none. Works in a thread.

        Raises `psycopg.OperationalError` when the database stays out of reach.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _RETRY_FOR_S
        while True:
            try:
                loaded = await loop.run_in_executor(None, self._load, list(account_ids))
                break
            except psycopg.OperationalError:  # a lost connection: reading again is safe
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_RETRY_PAUSE_S)
        for account, replayed in loaded:
            self._on_loaded(account, replayed)
        return [account for account, _ in loaded]

    def _load(self, account_ids: list[UUID]) -> list[tuple[StreamState, int]]:
        accounts: dict[UUID, StreamState] = {account_id: EscrowAccount(id=account_id) for account_id in account_ids}
        with self._pool.connection() as connection:
            snapshots = connection.execute(
                "SELECT DISTINCT ON (account_id) account_id, state FROM escrow.snapshots "
                "WHERE account_id = ANY(%s) AND topic = %s ORDER BY account_id, version DESC",
                [account_ids, SNAPSHOT_TOPIC],
            )
            for account_id, state in snapshots:
                accounts[account_id] = decode_account(state)
            ids = list(accounts)
            snapshot_versions = {account_id: account.version for account_id, account in accounts.items()}
            events = connection.execute(
                "SELECT e.account_id, e.topic, e.state FROM unnest(%s::int[], %s::uuid[], %s::bigint[]) w (p, a, v) "
                "JOIN escrow.events e ON e.partition = w.p AND e.account_id = w.a AND e.version > w.v "
                "ORDER BY e.partition, e.account_id, e.version",
                [
                    [partition_of(account_id, self._partitions) for account_id in ids],
                    ids,
                    list(snapshot_versions.values()),
                ],
            )
            for account_id, topic, state in events:
                event, stream = decode_event(topic, state), accounts[account_id]
                if stream.version == 0:
                    stream = accounts[account_id] = begun_by(account_id, event)
                evolve(stream, event)
        return [(account, account.version - snapshot_versions[account.id]) for account in accounts.values()]
