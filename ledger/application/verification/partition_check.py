"""The events of one partition, streamed in position order: none missing, each right, each stream replayed."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from ledger.application.verification.account_check import AccountCheck
from ledger.application.verification.differences import Differences
from ledger.application.verification.event_check import StoredEvent, check_event
from ledger.application.verification.unique_key_check import KeyCheck
from ledger.domain.account import EscrowAccount
from ledger.domain.events import Event
from ledger.domain.partition import partition_of
from ledger.domain.streams import begun_by
from ledger.storage.mapper import SNAPSHOT_TOPIC, encode_account

_COLUMNS = """
SELECT e.position, e.account_id, e.version, e.topic, e.state, e.recorded_at, e.command_size,
       e.idempotency_key IS NOT NULL, e.request_hash IS NOT NULL
  FROM escrow.events e
"""
_ALL_EVENTS = f"{_COLUMNS} WHERE e.partition = %(partition)s AND e.position <= %(head)s ORDER BY e.position"
_ONE_ACCOUNT = (
    f"{_COLUMNS} WHERE e.partition = %(partition)s AND e.account_id = %(account_id)s AND e.position <= %(head)s"
    " ORDER BY e.version"
)
_HEAD = """
SELECT h.position, coalesce((SELECT max(e.position) FROM escrow.events e WHERE e.partition = h.partition), 0)
  FROM escrow.heads h WHERE h.partition = %s
"""
# Snapshots of another release's shape of the state are never read, and so not checked.
_SNAPSHOTS = (
    "SELECT account_id, version FROM escrow.snapshots "
    "WHERE topic = %(topic)s AND (%(id)s::uuid IS NULL OR account_id = %(id)s)"
)
_SNAPSHOT = "SELECT state FROM escrow.snapshots WHERE account_id = %s AND version = %s"
_VERSION_EXISTS = "SELECT FROM escrow.events WHERE partition = %s AND account_id = %s AND version = %s"
_FETCHED = 2_000

Connection = psycopg.Connection[tuple[Any, ...]]
Progress = Callable[[int], None]


class PartitionCounts(NamedTuple):
    """What was looked at in one partition."""

    events: int
    commands: int
    accounts: int
    unique_keys: int
    snapshots: int


def check_partition(
    url: str,
    partition: int,
    partitions: int,
    differences: Differences,
    *,
    account_id: UUID | None = None,
    on_events: Progress = lambda _: None,
) -> PartitionCounts:
    """Check one partition, or one account of it, as of now; events recorded meanwhile are left aside."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = on")
        row = connection.execute(_HEAD, [partition]).fetchone()
        head, last = row if row is not None else (0, 0)
        if head != last and account_id is None:
            differences.add("head_differs", partition=partition, head=head, last=last)
        check = _PartitionCheck(connection, partition, partitions, differences, gapless=account_id is None)
        values: dict[str, Any] = {"partition": partition, "head": max(head, last), "account_id": account_id}
        with KeyCheck(url, connection, differences, **values) as keys:
            check.read_snapshots(account_id)
            for events in _batches(connection, _ALL_EVENTS if account_id is None else _ONE_ACCOUNT, values):
                for event in events:
                    check.follow(event, keys)
                on_events(len(events))
        check.finish()
        accounts = sum(isinstance(one.account, EscrowAccount) for one in check.accounts.values())
        return PartitionCounts(check.events, check.commands, accounts, keys.checked, check.snapshots)


def _batches(connection: Connection, query: str, values: dict[str, Any]) -> Iterator[list[StoredEvent]]:
    with connection.transaction(), connection.cursor(name="verified_events", binary=True) as cursor:
        cursor.execute(query.encode(), values)
        while rows := cursor.fetchmany(_FETCHED):
            yield [StoredEvent(*row) for row in rows]


class _PartitionCheck:
    def __init__(
        self, connection: Connection, partition: int, partitions: int, differences: Differences, *, gapless: bool
    ) -> None:
        self._connection = connection
        self._partition = partition
        self._partitions = partitions
        self._differences = differences
        self._gapless = gapless
        self._position = 0
        self._command: tuple[UUID, int] | None = None
        self._snapshots: dict[UUID, set[int]] = defaultdict(set)
        self.accounts: dict[UUID, AccountCheck] = {}
        self.events = self.commands = self.snapshots = 0

    def read_snapshots(self, account_id: UUID | None) -> None:
        for owner, version in self._connection.execute(_SNAPSHOTS, {"id": account_id, "topic": SNAPSHOT_TOPIC}):
            if partition_of(owner, self._partitions) == self._partition:
                self._snapshots[owner].add(version)

    def follow(self, row: StoredEvent, keys: KeyCheck) -> None:
        self.events += 1
        expected = self._position + 1
        if self._gapless and row.position != expected:
            self._differences.add(
                "position_missing", partition=self._partition, first=expected, count=row.position - expected
            )
            self._command = None
        self._position = row.position
        begins = self._frame(row)
        event = check_event(row, self._partition, self._differences)
        account = self._account(row, event)
        if event is not None:
            keys.follow(row, event, begins=begins)
        account.follow(event, position=row.position, version=row.version)
        if row.version in self._snapshots.get(row.account_id, ()):
            self._check_snapshot(account, row.version)

    def _frame(self, row: StoredEvent) -> bool:
        """Whether the row begins a command: its size says how many rows follow, of the same account, with size 0."""
        if row.command_size > 0:
            self.commands += 1
            whole = self._command is None and row.has_key == row.has_hash
            left = row.command_size - 1
        else:
            owner, before = self._command or (None, 0)
            whole = owner == row.account_id and row.command_size == 0 and not (row.has_key or row.has_hash)
            left = before - 1
        self._command = (row.account_id, left) if left > 0 else None
        if not whole:
            self._differences.add(
                "command_broken",
                partition=self._partition,
                position=row.position,
                account_id=row.account_id,
                version=row.version,
            )
        return row.command_size > 0

    def _account(self, row: StoredEvent, event: Event | None) -> AccountCheck:
        account_id = row.account_id
        account = self.accounts.get(account_id)
        if account is None:
            begins = EscrowAccount(id=account_id) if event is None else begun_by(account_id, event)
            account = AccountCheck(begins, self._partition, self._differences)
            self.accounts[account_id] = account
            expected = partition_of(account_id, self._partitions)
            if expected != self._partition:
                self._differences.add(
                    "partition_wrong",
                    partition=self._partition,
                    position=row.position,
                    account_id=account_id,
                    expected=expected,
                )
        return account

    def _check_snapshot(self, account: AccountCheck, version: int) -> None:
        account_id = account.account.id
        self._snapshots[account_id].discard(version)
        if account.broken or not isinstance(account.account, EscrowAccount):
            return
        stored = self._connection.execute(_SNAPSHOT, [account_id, version]).fetchone()
        if stored is None:  # thinned out meanwhile
            return
        self.snapshots += 1
        if stored[0].encode() != encode_account(account.account):
            self._differences.add("snapshot_differs", partition=self._partition, account_id=account_id, version=version)

    def finish(self) -> None:
        if self._command is not None:
            self._differences.add(
                "command_broken", partition=self._partition, position=self._position, account_id=self._command[0]
            )
        for account in self.accounts.values():
            account.finish()
        for account_id, versions in self._snapshots.items():
            for version in versions:
                found = self._connection.execute(_VERSION_EXISTS, [self._partition, account_id, version])
                if found.rowcount == 0:
                    self._differences.add(
                        "snapshot_without_events", partition=self._partition, account_id=account_id, version=version
                    )
