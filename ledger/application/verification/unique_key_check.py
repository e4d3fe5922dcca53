"""Unique keys derived from the events anew, and compared with the stored ones both ways."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

import psycopg

from ledger.application.verification.differences import Differences
from ledger.application.verification.event_check import StoredEvent
from ledger.domain.events import Event
from ledger.domain.unique_keys import UniqueKey, key_of_event

_STORED = """
SELECT k.position, k.kind, k.key, k.digest FROM escrow.unique_keys k
 WHERE k.partition = %(partition)s AND k.position <= %(head)s ORDER BY k.position
"""
_STORED_OF_ACCOUNT = """
SELECT k.position, k.kind, k.key, k.digest
  FROM escrow.events e JOIN escrow.unique_keys k USING (partition, position)
 WHERE e.partition = %(partition)s AND e.account_id = %(account_id)s AND e.position <= %(head)s ORDER BY k.position
"""
_FIND = "SELECT partition, position, digest FROM escrow.unique_keys WHERE kind = %s AND key = %s"
_OF_NO_EVENT = """
SELECT k.partition, k.position, k.kind, k.key
  FROM escrow.unique_keys k LEFT JOIN escrow.events e USING (partition, position) WHERE e.partition IS NULL
"""

Connection = psycopg.Connection[tuple[Any, ...]]


class _Stored(NamedTuple):
    position: int
    kind: str
    key: str
    digest: str


class KeyCheck:
    """Stored keys, read in position order beside the events of one partition or account. A context manager."""

    def __init__(
        self,
        url: str,
        connection: Connection,
        differences: Differences,
        *,
        partition: int,
        head: int,
        account_id: UUID | None,
    ) -> None:
        self._connection = connection
        self._differences = differences
        self._partition = partition
        self._values = {"partition": partition, "head": head, "account_id": account_id}
        self._reader = psycopg.connect(url)
        self._next: _Stored | None = None
        self._taken: set[UniqueKey] = set()
        self.checked = 0

    def __enter__(self) -> Self:
        self._rows = self._read()
        self._next = next(self._rows, None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._pass(None)
        self._reader.close()

    def _read(self) -> Iterator[_Stored]:
        query = _STORED if self._values["account_id"] is None else _STORED_OF_ACCOUNT
        with self._reader.cursor(name="verified_keys") as cursor:
            cursor.execute(query.encode(), self._values)
            for row in cursor:
                yield _Stored(*row)

    def follow(self, row: StoredEvent, event: Event, *, begins: bool) -> None:
        """Compare at the next event. Two events of one command that name the same key take it once."""
        if begins:
            self._taken.clear()
        self._pass(row.position)
        key = key_of_event(row.account_id, event)
        stored: list[_Stored] = []
        while self._next is not None and self._next.position == row.position:
            stored.append(self._next)
            self._next = next(self._rows, None)
        if key is not None and key not in self._taken:
            self._taken.add(key)
            self._compare(row, key, stored)
        for other in stored:
            if key is None or (other.kind, other.key) != (key.kind, key.key):
                self._surplus(other)

    def _pass(self, position: int | None) -> None:
        """Stored keys before this position belong to events which are not there: said once, by `keys_of_no_event`."""
        while self._next is not None and (position is None or self._next.position < position):
            self._next = next(self._rows, None)

    def _compare(self, row: StoredEvent, key: UniqueKey, stored: list[_Stored]) -> None:
        self.checked += 1
        place: dict[str, Any] = {
            "partition": self._partition,
            "position": row.position,
            "account_id": row.account_id,
            "version": row.version,
            "key_kind": key.kind,
            "key": key.key,
        }
        digest = next((other.digest for other in stored if (other.kind, other.key) == (key.kind, key.key)), None)
        if digest is None:
            found = self._connection.execute(_FIND, [key.kind, key.key]).fetchone()
            if found is None:
                self._differences.add("unique_key_missing", **place)
                return
            self._differences.add("unique_key_elsewhere", **place, found_partition=found[0], found=found[1])
            digest = found[2]
        if digest != key.digest:
            self._differences.add("unique_key_digest", **place)

    def _surplus(self, stored: _Stored) -> None:
        self._differences.add(
            "unique_key_surplus",
            partition=self._partition,
            position=stored.position,
            key_kind=stored.kind,
            key=stored.key,
        )


def keys_of_no_event(connection: Connection, differences: Differences) -> None:
    """Note the stored keys that point to no event at all."""
    for partition, position, kind, key in connection.execute(_OF_NO_EVENT):
        differences.add("unique_key_surplus", partition=partition, position=position, key_kind=kind, key=key)
