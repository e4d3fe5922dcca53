"""After a lost connection: connect again, and find out whether what was sent is recorded."""

import asyncio
from collections.abc import Callable

import psycopg

from ledger.postgres.pipeline import ConnectionLost
from ledger.storage.batch import Batch
from ledger.storage.log import EventLog

_PAUSE_S = 0.1
_END_BACKEND = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s"


async def connect_again(url: str, lost: EventLog, *, still_lost: Callable[[str], None]) -> EventLog:
    """A new connection, however long it takes; `still_lost` hears of each failure and may raise to give up.

    The lost connection's backend is ended, so that nothing is committed behind our back.
    """
    while True:
        try:
            await lost.close()
            await end_backend(url, lost.session)
            return await EventLog.connect(url)
        except (psycopg.Error, OSError, ConnectionLost) as error:
            still_lost(str(error))
            await asyncio.sleep(_PAUSE_S)


async def end_backend(url: str, session: str) -> None:
    """End the server's side of a session and wait until it is gone.

    As the user who opened it, who may do so without any grant; the writer's role may not.
    """
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=10) as connection:
        cursor = await connection.execute(_END_BACKEND, [session])
        for (ended,) in await cursor.fetchall():
            if not ended:
                raise ConnectionLost("the lost session's backend does not end")


async def is_recorded(log: EventLog, batch: Batch) -> bool:
    """Whether the batch, all or nothing, is in the log: its first event says so."""
    if not batch.appends:
        return False
    first = batch.appends[0]
    found = await log.read(first.partition, after=first.expected, until=first.expected + 1)
    account_id, version, _, state, *_ = first.rows[0]
    return [(row.account_id.bytes, row.version, row.state) for row in found] == [(account_id, version, state)]
