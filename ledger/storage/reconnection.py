"""After a lost connection: connect again, and find out whether what was sent is recorded."""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from ledger.storage.batch import Batch
from ledger.storage.log import EventLog
from ledger.storage.pipeline import ConnectionLost, StatementRefused

_log = structlog.get_logger("ledger.writer")
_PAUSE_S = 0.1


async def connect_again(url: str, lost: EventLog, *, still_lost: Callable[[str], None]) -> EventLog:
    """A new connection, however long it takes; `still_lost` hears of each failure and may raise to give up.

    The lost connection's backend is ended, so that nothing is committed behind our back.
    """
    pid = lost.backend_pid
    while True:
        try:
            await lost.close()
            found = await EventLog.connect(url)
            try:
                await found.end_backend(pid)
            except StatementRefused as refused:
                _log.warning("lost_backend_not_ended", error=str(refused))
            return found
        except (psycopg.Error, OSError, ConnectionLost) as error:
            still_lost(str(error))
            await asyncio.sleep(_PAUSE_S)


async def is_recorded(log: EventLog, batch: Batch) -> bool:
    """Whether the batch, all or nothing, is in the log: its first event says so."""
    if not batch.appends:
        return False
    first = batch.appends[0]
    found = await log.read(first.partition, after=first.expected, until=first.expected + 1)
    return [(row.account_id, row.version, row.state) for row in found] == [
        (first.account_ids[0], first.versions[0], first.states[0])
    ]
