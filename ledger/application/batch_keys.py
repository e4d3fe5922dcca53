"""Keys of batches, kept for many callers at once: who comes while a commit is on its way shares the next one."""

import asyncio
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ledger.application.caller import Caller
from ledger.domain.errors import LedgerError

_KEEP: Final = """
INSERT INTO escrow.batch_keys (client_id, idempotency_key, request_hash, created_at)
SELECT c, k, h, now() FROM unnest(%(clients)s::text[], %(keys)s::text[], %(hashes)s::bytea[]) w (c, k, h) ORDER BY c, k
ON CONFLICT DO NOTHING RETURNING client_id, idempotency_key, request_hash
"""
_KEPT: Final = """
SELECT client_id, idempotency_key, request_hash FROM escrow.batch_keys
  JOIN unnest(%(clients)s::text[], %(keys)s::text[]) w (client_id, idempotency_key) USING (client_id, idempotency_key)
"""


class _Waiting(NamedTuple):
    client: str
    key: str
    request_hash: bytes
    taken: "asyncio.Future[None]"


class BatchKeys:
    """One server process' batches on their way to their keys. Used from one event loop."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._keeping: asyncio.Task[None] | None = None

    async def take(self, pool: AsyncConnectionPool[AsyncConnection[Any]], caller: Caller) -> None:
        """Keep the caller's key with its hash, durably, before the items of the batch are recorded.

        Items lie in several partitions, so their own keys cannot tell that the key was used for another batch.
        Raises `idempotency_key_reused`.
        """
        if caller.idempotency_key is None or caller.request_hash is None:
            return
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(caller.actor, caller.idempotency_key.hex, caller.request_hash, taken))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_all(pool))
        await taken

    async def _keep_all(self, pool: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            failure: Exception | None = None
            kept: dict[tuple[str, str], bytes] = {}
            try:
                async with pool.connection() as connection:
                    kept = await _keep(connection, together)
            except (psycopg.Error, PoolTimeout) as error:
                failure = error
            for client, key, request_hash, taken in together:
                if taken.done():
                    continue
                if failure is not None:
                    taken.set_exception(failure)
                elif kept[client, key] != request_hash:
                    taken.set_exception(LedgerError("idempotency_key_reused"))
                else:
                    taken.set_result(None)


async def _keep(connection: AsyncConnection[Any], waiting: list[_Waiting]) -> dict[tuple[str, str], bytes]:
    """(client, key) -> the hash that is kept: of the first one who came with it."""
    row = {
        "clients": [one.client for one in waiting],
        "keys": [one.key for one in waiting],
        "hashes": [one.request_hash for one in waiting],
    }
    new = await (await connection.execute(_KEEP, row)).fetchall()
    kept = {(client, key): bytes(request_hash) for client, key, request_hash in new}
    if len(kept) < len(waiting):
        older = await (await connection.execute(_KEPT, row)).fetchall()
        kept |= {(client, key): bytes(request_hash) for client, key, request_hash in older}
    return kept
