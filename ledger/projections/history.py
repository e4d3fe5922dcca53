"""The history of one account, read from the log itself."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.domain.events import Event
from ledger.domain.postings import Posting, postings
from ledger.projections.event_log import Decode

_READ = """
SELECT version, position, topic, state, recorded_at FROM escrow.events
 WHERE partition = %s AND account_id = %s AND version > %s ORDER BY version LIMIT %s
"""
_AT_VERSION = """
SELECT account_id, version, position, topic, state FROM escrow.events
 WHERE partition = %s AND account_id = %s AND version = %s
"""
_AT_POSITION = """
SELECT account_id, version, position, topic, state FROM escrow.events WHERE partition = %s AND position = %s
"""
_ENVELOPE = frozenset({"recorded_at", "effective_on", "actor", "cause", "policy", "rules"})


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an account: its envelope, its own fields as `payload` (JSON values), and its postings (fen)."""

    version: int
    partition: int
    position: int
    topic: str
    recorded_at: datetime
    effective_on: date
    actor: str
    cause: str
    policy: str | None
    rules: tuple[str, ...]
    payload: dict[str, Any]
    postings: tuple[Posting, ...]


async def list_page(
    connection: AsyncConnection[Any],
    *,
    partition: int,
    account_id: UUID,
    decode: Decode,
    after_version: int = 0,
    limit: int = 100,
) -> list[HistoryEntry]:
    """The account's events after a version, in order; older payloads in the shape of today."""
    read = await list_with_events(
        connection, partition=partition, account_id=account_id, decode=decode, after_version=after_version, limit=limit
    )
    return [entry for entry, _ in read]


async def list_with_events(
    connection: AsyncConnection[Any],
    *,
    partition: int,
    account_id: UUID,
    decode: Decode,
    after_version: int = 0,
    limit: int = 100,
) -> list[tuple[HistoryEntry, Event]]:
    """The same, each with the event itself."""
    cursor = await connection.execute(_READ, [partition, account_id, after_version, limit])
    entries: list[tuple[HistoryEntry, Event]] = []
    for version, position, topic, state, recorded_at in await cursor.fetchall():
        event = decode(topic, state)
        fields: dict[str, Any] = msgspec.to_builtins(event)
        entry = HistoryEntry(
            version=version,
            partition=partition,
            position=position,
            topic=topic,
            recorded_at=recorded_at,
            effective_on=event.effective_on,
            actor=event.actor,
            cause=event.cause,
            policy=event.policy,
            rules=event.rules,
            payload={name: value for name, value in fields.items() if name not in _ENVELOPE},
            postings=postings(event),
        )
        entries.append((entry, event))
    return entries


class RecordedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its place: the `version`-th of its account (or case), at `position` of `partition`."""

    account_id: UUID
    version: int
    partition: int
    position: int
    event: Event


async def find_event(
    connection: AsyncConnection[Any],
    *,
    partition: int,
    decode: Decode,
    account_id: UUID | None = None,
    version: int = 0,
    position: int = 0,
) -> RecordedPlace | None:
    """One event: of an account by its version, or (without an account) of the partition by its position."""
    if account_id is None:
        cursor = await connection.execute(_AT_POSITION, [partition, position])
    else:
        cursor = await connection.execute(_AT_VERSION, [partition, account_id, version])
    row = await cursor.fetchone()
    if row is None:
        return None
    owner, its_version, its_position, topic, state = row
    return RecordedPlace(
        account_id=owner,
        version=its_version,
        partition=partition,
        position=its_position,
        event=decode(topic, state),
    )
