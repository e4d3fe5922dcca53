"""One stored event by itself: its payload, its instant, and whether its own amounts agree."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from eventsourcing.persistence import MapperDeserialisationError

from ledger.application.verification.differences import Differences
from ledger.domain.events import (
    TOPICS,
    ContractAmended,
    Event,
    FeeKeptByInstitution,
    FeePaid,
    RefundAgreed,
    RefundPaidByInstitution,
    RefundQuoted,
    ReserveDrawn,
    SuspenseMatched,
)
from ledger.domain.postings import imbalance, postings
from ledger.storage.mapper import decode_event, encode_event


class StoredEvent(NamedTuple):
    """A row of `escrow.events`, in the order of the query's columns."""

    position: int
    account_id: UUID
    version: int
    topic: str
    state: str
    recorded_at: datetime
    command_size: int
    has_key: bool
    has_hash: bool


def check_event(row: StoredEvent, partition: int, differences: Differences) -> Event | None:
    """The event of the row, or None when it cannot be read; whatever is wrong with it is noted."""
    place: dict[str, Any] = {
        "partition": partition,
        "position": row.position,
        "account_id": row.account_id,
        "version": row.version,
    }
    try:
        event = decode_event(row.topic, row.state)
    except MapperDeserialisationError as error:
        differences.add("payload_unreadable", **place, reason=str(error))
        return None
    if encode_event(event) != row.state.encode() and not _is_of_older_version(row):
        differences.add("payload_altered", **place)
    if event.recorded_at != row.recorded_at:
        column, payload = row.recorded_at.isoformat(), event.recorded_at.isoformat()
        differences.add("recorded_at_differs", **place, column=column, payload=payload)
    lines = _lines_fen(event)
    if lines is not None and lines[0] != lines[1]:
        differences.add("lines_differ", **place, lines_fen=lines[0], amount_fen=lines[1])
    difference_fen = imbalance(postings(event))
    if difference_fen:
        differences.add("postings_unbalanced", **place, difference_fen=difference_fen)
    return event


def _is_of_older_version(row: StoredEvent) -> bool:
    payload: dict[str, Any] = msgspec.json.decode(row.state)
    return payload.get("class_version", 1) < TOPICS[row.topic].class_version


def _lines_fen(event: Event) -> tuple[int, int] | None:
    """What the event's lines add up to, and the amount that it says; None for an event without both."""
    match event:
        case (
            FeePaid()
            | ContractAmended()
            | FeeKeptByInstitution()
            | SuspenseMatched()
            | RefundAgreed()
            | RefundPaidByInstitution()
            | ReserveDrawn()
        ):
            return sum(line.amount_fen for line in event.lines), event.amount_fen
        case RefundQuoted():
            return sum(line.refund_fen for line in event.lines), event.amount_fen
        case _:
            return None
