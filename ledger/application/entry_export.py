"""The entries of an account's bank books as the log has them: one row an entry, ready to be written as CSV."""

import asyncio
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.bank.csv_layout import Layout
from ledger.bank.csv_writing import csv_lines
from ledger.bank.writing import Receipt
from ledger.domain.events import (
    BankEntryEvent,
    ContinuityArrived,
    DepositHeldInSuspense,
    FeePaid,
    RefundReturned,
    StatementEntryKind,
    TransferReturned,
    UnexplainedDebitRecorded,
    UnexplainedDebitRestored,
)
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.postings import postings


async def export_entries(
    ledger: Ledger,
    *,
    bank: str,
    account_no: str,
    layout: Layout,
    from_on: date | None = None,
    to_on: date | None = None,
) -> bytes:
    """The account's entries between two days (both included) as CSV, in the order in which they were recorded.

    The same log gives the same bytes, and an import of them changes nothing. Payers are opaque tokens in the log: their
    columns are empty. Raises `account_not_found`, and `FileRefused` `file_layout_invalid` as `csv_lines`.
    """
    account_id = await ledger.find_account(bank, account_no)
    return await asyncio.to_thread(_written, ledger, account_id, account_no, layout, from_on, to_on)


def _written(
    ledger: Ledger, account_id: UUID, account_no: str, layout: Layout, from_on: date | None, to_on: date | None
) -> bytes:
    rows = (
        _row(events, account_no)
        for events in _entries(ledger.bank_entry_events(account_id))
        if (from_on is None or events[0].effective_on >= from_on) and (to_on is None or events[0].effective_on <= to_on)
    )
    return b"".join(csv_lines(rows, layout))


def _entries(events: Iterator[BankEntryEvent]) -> Iterator[list[BankEntryEvent]]:
    """The events of each entry: an overpaid one made two, one behind the other."""
    entry: list[BankEntryEvent] = []
    for event in events:
        if entry and (entry[0].bank_reference, entry[0].credit) != (event.bank_reference, event.credit):
            yield entry
            entry = []
        entry.append(event)
    if entry:
        yield entry


def _row(events: list[BankEntryEvent], account_no: str) -> Receipt:
    first = events[0]
    cash_fen = sum(posting.amount_fen for event in events for posting in postings(event) if posting.bucket == "cash")
    instruction_id = getattr(first, "instruction_id", "")
    return Receipt(
        bank_reference=first.bank_reference,
        account_no=account_no,
        amount_fen=abs(cash_fen),
        booked_on=first.effective_on,
        credit=first.credit,
        end_to_end_id=end_to_end_id(instruction_id) if instruction_id else None,
        contract_reference=_contract(first),
        kind=_kind(first, credit=first.credit),
    )


def _contract(event: BankEntryEvent) -> str | None:
    match event:
        case FeePaid() | ContinuityArrived():
            return event.contract_id
        case DepositHeldInSuspense():
            return event.contract_reference or None
        case _:
            return None


def _kind(event: BankEntryEvent, *, credit: bool) -> StatementEntryKind:
    match event:
        case RefundReturned() | TransferReturned():
            return "return"
        case UnexplainedDebitRestored():
            return "restored"
        case UnexplainedDebitRecorded():
            return event.kind
        case _:
            return "receipt" if credit else "payment"
