"""The eventsourcing library's own test cases on our recorders, and its application over our log.

`ApplicationRecorderTestCase` applies whole to one partition, whose positions are the library's notification ids; its
optional subscription test too. `AggregateRecorderTestCase` applies to the snapshots' recorder: an application
recorder's insert returns positions, which that case forbids. The tracking and process recorders' cases do not apply:
projections keep their positions in tables of their own.
"""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, Notification, ProgrammingError, StoredEvent
from eventsourcing.tests import persistence as library
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from ledger.domain.commands import PostDeposit
from ledger.domain.decisions import Context, decide
from ledger.domain.events import RecordedEvent
from ledger.domain.partition import partition_of
from ledger.storage.event_sourcing import LedgerApplication
from ledger.storage.migrate import migrate
from ledger.storage.recorder import LedgerRecorder, Pool, SnapshotRecorder
from tests.conftest import PARTITIONS
from tests.storage.commands import deposit, opening, signing


@pytest.fixture
def one_partition(empty_database_url: str) -> Iterator[Pool]:
    migrate(empty_database_url, 1)
    with ConnectionPool(
        empty_database_url, min_size=1, max_size=16, connection_class=psycopg.Connection[TupleRow]
    ) as pool:
        yield pool


class TestLedgerRecorder(library.ApplicationRecorderTestCase[LedgerRecorder]):
    pool: Pool

    @pytest.fixture(autouse=True)
    def _use_pool(self, one_partition: Pool) -> None:
        self.pool = one_partition

    def create_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(self.pool, 1)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestSnapshotRecorder(library.AggregateRecorderTestCase):
    pool: Pool

    @pytest.fixture(autouse=True)
    def _use_pool(self, one_partition: Pool) -> None:
        self.pool = one_partition

    def create_recorder(self) -> SnapshotRecorder:
        return SnapshotRecorder(self.pool)


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    with ConnectionPool(database_url, min_size=1, max_size=4, connection_class=psycopg.Connection[TupleRow]) as pool:
        yield pool


def test_streams_of_several_partitions_are_recorded_together_or_not_at_all(pool: Pool) -> None:
    recorder = LedgerRecorder(pool, PARTITIONS)
    streams = {partition_of(stream, PARTITIONS): stream for stream in (uuid4() for _ in range(100))}
    assert len(streams) == PARTITIONS
    first = [StoredEvent(stream, 1, "t", b"{}") for stream in streams.values()]
    assert recorder.insert_events(first) == [1] * PARTITIONS
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(stream, 2, "t", b"{}") for stream in streams.values()] + first[:1])
    for partition, stream in streams.items():
        found = recorder.of_partition(partition).select_notifications(None, 10)
        assert found == [Notification(stream, 1, "t", b"{}", id=1)]
        assert recorder.of_partition(partition).max_notification_id() == 1


def test_notifications_of_all_partitions_together_are_refused(pool: Pool) -> None:
    with pytest.raises(ProgrammingError):
        LedgerRecorder(pool, PARTITIONS).max_notification_id()


def test_the_library_application_reads_and_saves_accounts(database_url: str, context: Context) -> None:
    application = LedgerApplication(database_url, PARTITIONS)
    try:
        account_id = uuid4()
        account = application.account(account_id)
        assert account.version == 0
        for command in (opening(account_id), signing(account_id, "c"), deposit(account_id, "r1")):
            events = decide(account, command, context)
            application.record(
                account, [RecordedEvent(account_id, account.version + n, event) for n, event in enumerate(events, 1)]
            )
        assert isinstance(command, PostDeposit)
        assert application.account(account_id) == account
        assert application.account(account_id, version=2).buckets.cash == 0
        application.keep_snapshot(account)
        assert application.account(account_id) == account
        with pytest.raises(IntegrityError):
            application.events.put([RecordedEvent(account_id, 3, event) for event in events])
    finally:
        application.close()
