"""Which moment of an account a pack is of, and the account's events up to there, streamed from the log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from ledger.domain.errors import LedgerError
from ledger.domain.events import Event
from ledger.domain.partition import partition_of
from ledger.storage.mapper import decode_event

Connection = psycopg.Connection[tuple[Any, ...]]

_LAST: Final = """
SELECT version, position, recorded_at FROM escrow.events
 WHERE partition = %(partition)s AND account_id = %(account_id)s
   AND (%(as_of)s::timestamptz IS NULL OR recorded_at <= %(as_of)s)
   AND (%(version)s::bigint IS NULL OR version <= %(version)s)
 ORDER BY version DESC LIMIT 1
"""
_EVENTS: Final = """
SELECT version, position, topic, state, recorded_at, command_size, idempotency_key,
       idempotency_key IS NOT NULL, request_hash IS NOT NULL
  FROM escrow.events
 WHERE partition = %(partition)s AND account_id = %(account_id)s AND version <= %(version)s
 ORDER BY version
"""
_PARTITIONS: Final = "SELECT partitions FROM escrow.store"
_FETCHED: Final = 2_000


class Place(NamedTuple):
    """An account after its `version`-th event, at `position` of `partition`; `as_of` is the instant of the pack."""

    account_id: UUID
    partition: int
    version: int
    position: int
    as_of: datetime


class StoredRow(NamedTuple):
    """One event as it is stored; `key` is the idempotency key by which a repeated request is recognised."""

    version: int
    position: int
    topic: str
    state: str
    recorded_at: datetime
    command_size: int
    key: UUID | None
    has_key: bool
    has_hash: bool

    def event(self) -> Event:
        """The event in the shape of today."""
        return decode_event(self.topic, self.state)


def find_place(
    connection: Connection, account_id: UUID, *, as_of: datetime | None = None, version: int | None = None
) -> Place:
    """The account as of an instant, or after one of its events; as of its last event if neither is given.

    Raises LedgerError `account_not_found` where it was not open yet, `event_not_found` for a version to come.
    """
    row = connection.execute(_PARTITIONS).fetchone()
    assert row is not None
    partition = partition_of(account_id, row[0])
    values = {"partition": partition, "account_id": account_id, "as_of": as_of, "version": version}
    last = connection.execute(_LAST, values).fetchone()
    if last is None:
        raise LedgerError("account_not_found")
    found_version, position, recorded_at = last
    if version is not None and found_version < version:
        raise LedgerError("event_not_found", place=f"{account_id}/{version}")
    return Place(account_id, partition, found_version, position, as_of or recorded_at)


def stored_events(connection: Connection, place: Place) -> Iterator[StoredRow]:
    """The account's events up to its place in order, a few thousand in memory at a time."""
    values = {"partition": place.partition, "account_id": place.account_id, "version": place.version}
    with connection.transaction(), connection.cursor(name="pack_events", binary=True) as cursor:
        cursor.execute(_EVENTS, values)
        while rows := cursor.fetchmany(_FETCHED):
            yield from (StoredRow(*row) for row in rows)
