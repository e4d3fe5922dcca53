"""The ledger as an application of the eventsourcing library: its repository, stores, recorders and mapper."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    ProcessRecorder,
    ProgrammingError,
    TrackingRecorder,
)
from eventsourcing.utils import Environment
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from ledger.domain.account import EscrowAccount
from ledger.domain.events import RecordedEvent
from ledger.domain.evolution import evolve
from ledger.storage.mapper import SNAPSHOT_TOPIC, AccountSnapshot, EventMapper
from ledger.storage.recent_states import WORTH_KEEPING, RecentStates
from ledger.storage.recorder import LedgerRecorder, Pool, SnapshotRecorder


def project_account(account: EscrowAccount | None, events: Iterable[DomainEventProtocol[Any]]) -> EscrowAccount | None:
    """The library's projector function for our aggregate: a snapshot replaces, an event evolves."""
    for event in events:
        if isinstance(event, AccountSnapshot):
            account = event.account
        else:
            assert isinstance(event, RecordedEvent)
            if account is None:
                account = EscrowAccount(id=event.originator_id)
            evolve(account, event.event)
    return account


class _CountingProjector:
    """`project_account`, and how many events it replayed."""

    def __init__(self) -> None:
        self.events = 0

    def __call__(
        self, account: EscrowAccount | None, events: Iterable[DomainEventProtocol[Any]]
    ) -> EscrowAccount | None:
        return project_account(account, self._counted(events))

    def _counted(self, events: Iterable[DomainEventProtocol[Any]]) -> Iterator[DomainEventProtocol[Any]]:
        for event in events:
            self.events += isinstance(event, RecordedEvent)
            yield event


class Factory(InfrastructureFactory[TrackingRecorder]):
    """Makes the recorders on one connection pool (`ESCROW_LOG_URL`, `ESCROW_LOG_PARTITIONS` of the environment)."""

    def __init__(self, env: Environment | dict[str, str] | None) -> None:
        super().__init__(env)
        url = self.env.get("ESCROW_LOG_URL")
        if not url:
            raise ProgrammingError("ESCROW_LOG_URL names no database")
        self.partitions = int(self.env.get("ESCROW_LOG_PARTITIONS") or 1)
        self.pool: Pool = ConnectionPool(
            url, min_size=0, max_size=4, open=True, connection_class=psycopg.Connection[TupleRow]
        )

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        return SnapshotRecorder(self.pool, SNAPSHOT_TOPIC) if purpose == "snapshots" else self.application_recorder()

    def application_recorder(self) -> ApplicationRecorder:
        return LedgerRecorder(self.pool, self.partitions)

    def tracking_recorder(self, tracking_recorder_class: type[TrackingRecorder] | None = None) -> TrackingRecorder:
        raise ProgrammingError("projections keep their positions in their own tables")

    def process_recorder(self) -> ProcessRecorder:
        raise ProgrammingError("projections keep their positions in their own tables")

    def close(self) -> None:
        self.pool.close()


class LedgerApplication(Application[UUID]):
    """Reads and (away from the hot path) writes accounts through the library's contracts.

    The group-commit writer appends to the same log with the same mapper; see `docs/decisions`.
    """

    name = "ledger"
    is_snapshotting_enabled = True

    def __init__(self, url: str, partitions: int) -> None:
        self.partitions = partitions
        self._recent = RecentStates()
        super().__init__({"ESCROW_LOG_URL": url, "ESCROW_LOG_PARTITIONS": str(partitions)})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        self.ledger_factory = Factory(env)
        return self.ledger_factory

    def construct_mapper(self) -> Mapper[UUID]:
        return EventMapper()

    def account(self, account_id: UUID, *, version: int | None = None) -> EscrowAccount:
        """The account now or as of one of its versions; version 0 when it was never opened."""
        recent = self._recent.find(account_id, version)
        replay = _CountingProjector()
        if recent is not None:
            account = replay(recent, self.events.get(account_id, gt=recent.version, lte=version))
            assert account is not None
        else:
            try:
                account = self.repository.get(account_id, version=version, projector_func=replay)
            except AggregateNotFoundError:
                return EscrowAccount(id=account_id)
        if version is None and replay.events >= WORTH_KEEPING:
            self._recent.keep(account)
        return account

    def record(self, account: EscrowAccount, events: Sequence[RecordedEvent]) -> None:
        """Save events of one account through `Application.save`, then apply them."""
        self.save(*events)
        for event in events:
            evolve(account, event.event)

    def keep_snapshot(self, account: EscrowAccount) -> None:
        """Keep the account's state as of its version. Raises `IntegrityError` when it is kept already."""
        assert self.snapshots is not None
        self.snapshots.put([AccountSnapshot(account)])
