"""The eventsourcing library's recorders over our tables: the log by partition, and snapshots."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event as ThreadEvent
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Subscription,
)
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from ledger.domain.partition import partition_of

Pool = ConnectionPool[psycopg.Connection[TupleRow]]

_APPEND = (
    "SELECT escrow.append(%s, NULL, %s, %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::smallint[], "
    "%s::uuid[], %s::bytea[])"
)
_SELECT = "SELECT account_id, version, topic, state FROM escrow.events WHERE partition = %s AND account_id = %s"
_POLL_S = 0.05


def _range(gt: int | None, lte: int | None, desc: bool, limit: int | None) -> tuple[str, list[int]]:
    """The end of a query for one stream's versions."""
    sql, parameters = "", list[int]()
    if gt is not None:
        sql, parameters = sql + " AND version > %s", [*parameters, gt]
    if lte is not None:
        sql, parameters = sql + " AND version <= %s", [*parameters, lte]
    sql += " ORDER BY version DESC" if desc else " ORDER BY version"
    if limit is not None:
        sql, parameters = sql + " LIMIT %s", [*parameters, limit]
    return sql, parameters


def _stored(row: TupleRow) -> StoredEvent:
    return StoredEvent(row[0], row[1], row[2], row[3].encode())


class LedgerRecorder(ApplicationRecorder):
    """Stored events in our log; notification ids are the positions of one partition.

    Streams go to their partition by `partition_of`. Reading notifications needs a partition, since positions are
    gap-free and in commit order within each partition, and there is no order over partitions: with one partition
    (`of=0` by default) this is the library's application sequence.
    """

    def __init__(self, pool: Pool, partitions: int, *, of: int | None = None) -> None:
        self._pool = pool
        self._partitions = partitions
        self._of = 0 if partitions == 1 else of

    def of_partition(self, partition: int) -> "LedgerRecorder":
        """The same log, with the notifications of one partition."""
        return LedgerRecorder(self._pool, self._partitions, of=partition)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append; returns the events' positions. Raises `IntegrityError` when a version is taken."""
        if not stored_events:
            return None
        groups: dict[int, list[int]] = {}
        for index, stored in enumerate(stored_events):
            groups.setdefault(self._partition(stored.originator_id), []).append(index)
        positions = [0] * len(stored_events)
        try:
            with self._pool.connection() as connection, connection.transaction():
                for partition, indexes in sorted(groups.items()):
                    before = self._append(connection, partition, [stored_events[index] for index in indexes])
                    for offset, index in enumerate(indexes, 1):
                        positions[index] = before + offset
        except psycopg.errors.UniqueViolation as error:
            raise IntegrityError(str(error)) from error
        except psycopg.OperationalError as error:
            raise OperationalError(str(error)) from error
        return positions

    def _append(self, connection: psycopg.Connection[TupleRow], partition: int, events: list[StoredEvent]) -> int:
        count = len(events)
        parameters = (
            partition,
            datetime.now(UTC),
            [event.originator_id for event in events],
            [event.originator_version for event in events],
            [event.topic for event in events],
            [event.state.decode() for event in events],
            [1] * count,
            [None] * count,
            [None] * count,
        )
        row = connection.execute(_APPEND, parameters).fetchone()
        assert row is not None
        return row[0]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream."""
        sql, parameters = _range(gt, lte, desc, limit)
        with self._pool.connection() as connection:
            cursor = connection.execute(
                f"{_SELECT}{sql}".encode(), [self._partition(originator_id), originator_id, *parameters], binary=True
            )
            return [_stored(row) for row in cursor]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events of the partition in order of position."""
        first = (start or 0) + (0 if inclusive_of_start else 1)
        sql = (
            "SELECT account_id, version, topic, state, position FROM escrow.events "
            "WHERE partition = %s AND position >= %s AND (%s::bigint IS NULL OR position <= %s) "
            "AND (cardinality(%s::text[]) = 0 OR topic = ANY(%s)) ORDER BY position LIMIT %s"
        )
        wanted = list(topics)
        with self._pool.connection() as connection:
            cursor = connection.execute(sql, [self._own_partition(), first, stop, stop, wanted, wanted, limit])
            return [Notification(row[0], row[1], row[2], row[3].encode(), id=row[4]) for row in cursor]

    def max_notification_id(self) -> int | None:
        """The last position of the partition, None when it is empty."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT position FROM escrow.heads WHERE partition = %s", [self._own_partition()]
            ).fetchone()
        return row[0] or None if row else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LogSubscription":
        """Notifications for ever, recorded ones first."""
        return LogSubscription(self, gt, topics)

    def _partition(self, originator_id: UUID | str) -> int:
        return partition_of(originator_id if isinstance(originator_id, UUID) else UUID(originator_id), self._partitions)

    def _own_partition(self) -> int:
        if self._of is None:
            raise ProgrammingError("positions belong to a partition: read them with of_partition(...)")
        return self._of


class LogSubscription(Subscription[LedgerRecorder]):
    """Polls the log; a NOTIFY for every commit would make PostgreSQL serialise the commits."""

    def __init__(self, recorder: LedgerRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._stopped = ThreadEvent()
        self._read: list[Notification] = []

    def stop(self) -> None:
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._read:
            if self._stopped.is_set():
                raise StopIteration
            found = self._recorder.select_notifications(
                self._last_notification_id or 0, 500, topics=self._topics, inclusive_of_start=False
            )
            self._read = list(reversed(found))
            if found:
                self._last_notification_id = found[-1].id
            else:
                self._stopped.wait(_POLL_S)
        if self._stopped.is_set():
            raise StopIteration
        return self._read.pop()


class SnapshotRecorder(AggregateRecorder):
    """Accounts as of some of their versions: a cache, which may be deleted at any time. With a topic, only its own."""

    def __init__(self, pool: Pool, topic: str | None = None) -> None:
        self._pool = pool
        self._topic = topic

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Keep snapshots. Raises `IntegrityError` when there is one of that version."""
        if not stored_events:
            return None
        try:
            with self._pool.connection() as connection, connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO escrow.snapshots (account_id, version, topic, state) VALUES (%s, %s, %s, %s)",
                    [(e.originator_id, e.originator_version, e.topic, e.state.decode()) for e in stored_events],
                )
        except psycopg.errors.UniqueViolation as error:
            raise IntegrityError(str(error)) from error
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The snapshots of one account."""
        sql, parameters = _range(gt, lte, desc, limit)
        query = (
            "SELECT account_id, version, topic, state FROM escrow.snapshots "
            f"WHERE account_id = %s AND (%s::text IS NULL OR topic = %s){sql}"
        )
        given = [originator_id, self._topic, self._topic, *parameters]
        with self._pool.connection() as connection:
            return [_stored(row) for row in connection.execute(query.encode(), given)]
