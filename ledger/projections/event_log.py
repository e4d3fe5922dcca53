"""Reading the event log in position order."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from ledger.domain.events import Event
from ledger.domain.postings import POSTINGS
from ledger.projections.logged_event import LoggedEvent, totals

Decode = Callable[[str, str], Event]
"""From a stored topic and state to the event."""
StoredRow = tuple[int, int, str, int, str, str]
"""Number of the stretch that was asked for, position, account id, version, topic, state."""

_READ = """
(SELECT %s::int AS stretch, position, account_id::text, version, topic, state FROM escrow.events
  WHERE partition = %s AND position > %s AND position <= %s ORDER BY position LIMIT %s)
"""
_HEADS = "SELECT partition, position FROM escrow.heads ORDER BY partition"


class LogGapError(Exception):
    """The log's positions are not gap-free: an event is missing, and no view may go on."""


async def heads(connection: AsyncConnection[Any]) -> dict[int, int]:
    """The last position of each partition."""
    return dict(await (await connection.execute(_HEADS)).fetchall())


class Stretch(NamedTuple):
    """Positions of a partition with `after < position <= through`, `limit` of them at most."""

    partition: int
    after: int
    through: int
    limit: int


async def read(connection: AsyncConnection[Any], *stretches: Stretch) -> list[list[StoredRow]]:
    """The rows of each stretch, asked for together.

    Positions are taken under the lock of the partition's head, which is held until the commit: a row that can be seen
    has no later row before it. A gap all the same is an error: LogGapError.
    """
    statement = " UNION ALL ".join([_READ] * len(stretches)) + ("ORDER BY 1, 2" if len(stretches) > 1 else "")
    cursor = connection.cursor(binary=True)
    values = [value for number, stretch in enumerate(stretches) for value in (number, *stretch)]
    await cursor.execute(statement.encode(), values)
    found: list[list[StoredRow]] = [[] for _ in stretches]
    rows: list[StoredRow] = await cursor.fetchall()
    for row in rows:
        found[row[0]].append(row)
    for stretch, own in zip(stretches, found, strict=True):
        if own and own[-1][1] != stretch.after + len(own):
            raise LogGapError(
                f"partition {stretch.partition} has {len(own)} events from {stretch.after + 1} to {own[-1][1]}"
            )
    return found


def decoded(rows: list[StoredRow], partition: int, decode: Decode) -> Iterator[LoggedEvent]:
    """The rows as events, each with its postings."""
    for _, position, account_id, version, topic, state in rows:
        event = decode(topic, state)
        postings = POSTINGS[type(event)](event)
        yield LoggedEvent(partition, position, account_id, version, event, postings, totals(postings))
