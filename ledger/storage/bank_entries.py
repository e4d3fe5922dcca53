"""What the log says of a bank's entries: which references are recorded, by what events, and what is settled."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from ledger.domain.events import TOPICS, BankEntryEvent, Event
from ledger.domain.postings import postings
from ledger.storage.mapper import decode_event

# An overpaid entry makes two events, one behind the other; its key points to the first.
_RECORDED = """
SELECT u.kind, u.key, u.digest, e.account_id, e.partition, e.position, e.version, e.topic, e.state
FROM escrow.unique_keys u JOIN escrow.events e
    ON e.partition = u.partition AND e.position BETWEEN u.position AND u.position + 1
WHERE u.kind IN ('credit', 'debit') AND u.key = ANY(%s)
ORDER BY u.key, u.kind, e.position
"""
_IN_ORDER = """
SELECT topic, state FROM escrow.events
WHERE partition = %s AND account_id = %s AND topic = ANY(%s) ORDER BY version
"""
_PAGE = 1_000
_OF_TOPICS = "SELECT topic, state FROM escrow.events WHERE partition = %s AND account_id = %s AND topic = ANY(%s)"
_ENTRIES = [topic for topic, event in TOPICS.items() if issubclass(event, BankEntryEvent)]
_SETTLEMENTS = [
    topic
    for topic, event in TOPICS.items()
    if issubclass(event, BankEntryEvent) and "instruction_id" in event.__struct_fields__
]


class EntryName(NamedTuple):
    """What names an entry in the books of its bank."""

    reference: str
    credit: bool


class RecordedEntry(NamedTuple):
    """An entry of a bank's books as it was recorded: its account, the place of its last event, and its events."""

    account_id: UUID
    partition: int
    position: int
    version: int
    digest: str
    events: tuple[BankEntryEvent, ...]

    @property
    def cash_fen(self) -> int:
        """What it moved: a credit positive, a debit negative."""
        return sum(
            posting.amount_fen for event in self.events for posting in postings(event) if posting.bucket == "cash"
        )


def recorded_entries(
    connection: Connection[TupleRow], bank: str, references: Sequence[str]
) -> dict[EntryName, RecordedEntry]:
    """Of the entries of a bank with these references, those that are recorded."""
    keys = [f"{bank}/{reference}" for reference in references]
    found: dict[EntryName, RecordedEntry] = {}
    for kind, key, digest, account_id, partition, position, version, topic, state in connection.execute(
        _RECORDED, [keys]
    ):
        event = decode_event(topic, state)
        if (
            not isinstance(event, BankEntryEvent)
            or f"{event.bank}/{event.bank_reference}" != key
            or event.credit != (kind == "credit")
        ):
            continue
        name = EntryName(event.bank_reference, event.credit)
        before = found.get(name)
        events = (event,) if before is None else (*before.events, event)
        found[name] = RecordedEntry(account_id, partition, position, version, digest, events)
    return found


def bank_entry_events(connection: Connection[TupleRow], partition: int, account_id: UUID) -> Iterator[BankEntryEvent]:
    """Every event that an entry made on the account, in the order of recording, a page of them in memory at a time."""
    with connection.transaction(), connection.cursor(name="bank_entries") as cursor:
        cursor.itersize = _PAGE
        for topic, state in cursor.execute(_IN_ORDER, [partition, account_id, _ENTRIES]):
            event = decode_event(topic, state)
            assert isinstance(event, BankEntryEvent), "these topics are of entries"
            yield event


def settlements(connection: Connection[TupleRow], partition: int, account_id: UUID) -> list[Event]:
    """Everything that the bank paid or got back of an account's instructions, in no order."""
    rows = connection.execute(_OF_TOPICS, [partition, account_id, _SETTLEMENTS])
    return [decode_event(topic, state) for topic, state in rows]
