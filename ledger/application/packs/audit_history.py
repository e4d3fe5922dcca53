"""An account's events told one by one for an audit: postings, running balances, who, why and by which rules."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any, Final, NamedTuple

import msgspec

from ledger.application.packs.place import Connection, Place, StoredRow, stored_events
from ledger.application.verification.account_check import AccountCheck
from ledger.application.verification.differences import Differences
from ledger.application.verification.event_check import StoredEvent, check_event
from ledger.domain.account import EscrowAccount
from ledger.domain.events import Event
from ledger.domain.postings import BUCKETS, Postings, postings
from ledger.packs.tables import Cell, Column
from ledger.projections.contracts import Contracts
from ledger.projections.fold import Fold
from ledger.projections.instructions import Instructions
from ledger.projections.logged_event import LoggedEvent, totals
from ledger.projections.refunds import Refunds
from ledger.rulebook.explanations.catalogue import tell

EVENTS: Final = (
    Column("version", "integer"),
    Column("partition", "integer"),
    Column("position", "integer"),
    Column("recorded_at", "instant"),
    Column("effective_on", "date"),
    Column("topic"),
    Column("actor"),
    Column("cause"),
    Column("idempotency_key"),
    Column("policy"),
    Column("rules"),
    Column("told_zh"),
    Column("told_en"),
    *(Column(f"{bucket}_fen", "integer") for bucket in BUCKETS),
    Column("payload"),
)
POSTINGS: Final = (
    Column("version", "integer"),
    Column("ordinal", "integer"),
    Column("bucket"),
    Column("owner"),
    Column("amount_fen", "integer"),
    Column("bucket_balance_fen", "integer"),
    Column("owner_balance_fen", "integer"),
)


class ToldEvent(NamedTuple):
    """The rows of one event."""

    event: tuple[Cell, ...]
    postings: list[tuple[Cell, ...]]


class AuditHistory:
    """One pass over the account's events: tells them, replays and checks the account, and folds its views.

    `account`, `differences` and the views are complete when `told` is exhausted.
    """

    def __init__(self, connection: Connection, place: Place) -> None:
        self.place = place
        self.differences = Differences()
        self.account = EscrowAccount(id=place.account_id)
        self.contracts = Contracts(complete=True)
        self.refunds = Refunds(complete=True)
        self.instructions = Instructions(complete=True)
        self.topics: dict[str, int] = {}
        self._connection = connection
        self._check = AccountCheck(self.account, place.partition, self.differences)
        self._fold = Fold((self.contracts, self.refunds, self.instructions))
        self._balances = dict.fromkeys(BUCKETS, 0)
        self._owned: dict[tuple[str, str], int] = {}

    def told(self) -> Iterator[ToldEvent]:
        """The events in order. An event that cannot be read is told without its contents."""
        for row in stored_events(self._connection, self.place):
            self.topics[row.topic] = self.topics.get(row.topic, 0) + 1
            event = check_event(_stored(row, self.place), self.place.partition, self.differences)
            self._check.follow(event, position=row.position, version=row.version)
            moved = () if event is None else postings(event)
            if event is not None and not self._check.broken:
                self._fold.apply([self._logged(row, event, moved)])
            posted = self._posted(row.version, moved)
            yield ToldEvent(self._event_row(row, event), posted)
        self._check.finish()

    def _logged(self, row: StoredRow, event: Event, moved: Postings) -> LoggedEvent:
        place = self.place
        return LoggedEvent(
            place.partition, row.position, str(place.account_id), row.version, event, moved, totals(moved)
        )

    def _posted(self, version: int, moved: Postings) -> list[tuple[Cell, ...]]:
        rows: list[tuple[Cell, ...]] = []
        for ordinal, (bucket, owner, amount_fen) in enumerate(moved, start=1):
            self._balances[bucket] += amount_fen
            owned_fen: int | None = None
            if owner:
                owned_fen = self._owned.get((bucket, owner), 0) + amount_fen
                self._owned[bucket, owner] = owned_fen
            rows.append((version, ordinal, bucket, owner, amount_fen, self._balances[bucket], owned_fen))
        return rows

    def _event_row(self, row: StoredRow, event: Event | None) -> tuple[Cell, ...]:
        place = (row.version, self.place.partition, row.position, row.recorded_at.astimezone(UTC).isoformat())
        balances = self._balances.values()
        if event is None:
            return (*place, None, row.topic, *[""] * 7, *balances, row.state)
        sentences = tell(event)
        return (
            *place,
            event.effective_on.isoformat(),
            row.topic,
            event.actor,
            event.cause,
            str(row.key or ""),
            event.policy or "",
            " ".join(event.rules),
            " ".join(told.zh for told in sentences),
            " ".join(told.en for told in sentences),
            *balances,
            row.state,
        )


def rows_of(rows: Any, columns: tuple[Column, ...]) -> Iterator[tuple[Cell, ...]]:
    """The rows of a view as cells, by the names of the columns; what has parts as JSON."""
    for row in rows:
        yield tuple(_cell(getattr(row, column.name)) for column in columns)


def _cell(value: Any) -> Cell:
    match value:
        case None | int() | str():
            return str(value).lower() if isinstance(value, bool) else value
        case list():
            return msgspec.json.encode(value).decode()
        case _:
            return value.isoformat()


def _stored(row: StoredRow, place: Place) -> StoredEvent:
    return StoredEvent(
        position=row.position,
        account_id=place.account_id,
        version=row.version,
        topic=row.topic,
        state=row.state,
        recorded_at=row.recorded_at,
        command_size=row.command_size,
        has_key=row.has_key,
        has_hash=row.has_hash,
    )
