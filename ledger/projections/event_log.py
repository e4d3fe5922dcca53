"""Reading the event log in position order."""

from collections.abc import Callable, Iterator
from typing import Any

from psycopg import AsyncConnection

from ledger.domain.events import Event
from ledger.domain.postings import POSTINGS
from ledger.projections.logged_event import LoggedEvent, totals

Decode = Callable[[str, str], Event]
"""From a stored topic and state to the event."""
StoredRow = tuple[int, str, int, str, str]
"""Position, account id, version, topic, state."""

_READ = """
SELECT position, account_id::text, version, topic, state FROM escrow.events
 WHERE partition = %s AND position > %s AND position <= %s ORDER BY position LIMIT %s
"""
_HEADS = "SELECT partition, position FROM escrow.heads ORDER BY partition"


class LogGapError(Exception):
    """The log's positions are not gap-free: an event is missing, and no view may go on."""


async def heads(connection: AsyncConnection[Any]) -> dict[int, int]:
    """The last position of each partition."""
    return dict(await (await connection.execute(_HEADS)).fetchall())


async def read(
    connection: AsyncConnection[Any], partition: int, *, after: int, through: int, limit: int
) -> list[StoredRow]:
    """The next rows of a partition, at most `limit` of them.

    Positions are taken under the lock of the partition's head, which is held until the commit: a row that can be seen
    has no later row before it. A gap all the same is an error: LogGapError.
    """
    cursor = connection.cursor(binary=True)
    await cursor.execute(_READ, [partition, after, through, limit])
    rows: list[StoredRow] = await cursor.fetchall()
    if rows and rows[-1][0] != after + len(rows):
        raise LogGapError(f"partition {partition} has {len(rows)} events from {after + 1} to {rows[-1][0]}")
    return rows


def decoded(rows: list[StoredRow], partition: int, decode: Decode) -> Iterator[LoggedEvent]:
    """The rows as events, each with its postings."""
    for position, account_id, version, topic, state in rows:
        event = decode(topic, state)
        postings = POSTINGS[type(event)](event)
        yield LoggedEvent(partition, position, account_id, version, event, postings, totals(postings))
