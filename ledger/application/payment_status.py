"""Taking in a bank's status report on a message: each order gets its own result, with code and place.

A settlement needs an entry of the bank's books: `AcctSvcrRef` where the report gives the transaction one of its own,
else the order's end-to-end id, which is unique and stands in the statement beside the entry.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, get_args

from ledger.application.caller import Caller
from ledger.application.instructions import settlement
from ledger.application.ledger import Ledger
from ledger.application.payment_content import AccountShare, MessageContent, read_content
from ledger.application.reading import Reader
from ledger.application.recording import record_each, require_day, take_batch_key
from ledger.bank.pain002 import StatusEntry, StatusReport, meaning_of, read_pain002
from ledger.domain.commands import SettlementOutcome
from ledger.domain.errors import LedgerError
from ledger.domain.events import ExportedOrder
from ledger.projections import instructions
from ledger.projections.instructions import InstructionRecord
from ledger.projections.paging import Scope
from ledger.storage.requests import Outcome, Request

Result = Literal["settled", "rejected", "unchanged", "repeated", "refused"]
"""`unchanged`: the status is not final; `repeated`: it was recorded before."""
RESULTS: Final[tuple[Result, ...]] = get_args(Result)
NO_REASON = "not given"


class OrderResult(NamedTuple):
    """What became of one status of one order; `share` and `order` are None for one that the message does not have."""

    entry: StatusEntry
    share: AccountShare | None
    order: ExportedOrder | None
    result: Result
    outcome: Outcome | LedgerError | None


class StatusResult(NamedTuple):
    """A report and its results: in file order, orders that a wider status stands for in the message's order."""

    report: StatusReport
    results: list[OrderResult]


class _Named(NamedTuple):
    """A status and the order that it is about, or why there is none."""

    entry: StatusEntry
    share: AccountShare | None = None
    order: ExportedOrder | None = None
    refusal: LedgerError | None = None


async def import_status(ledger: Ledger, reader: Reader, caller: Caller, *, bank: str, data: bytes) -> StatusResult:
    """Record what the report says of the bank's orders; the same report again changes nothing.

    Raises `FileRefused` and what `read_pain002` raises for a file that cannot be read, `status_message_not_found`,
    `idempotency_key_reused`.
    """
    report = await asyncio.to_thread(read_pain002, data)
    await take_batch_key(reader.pool, caller)
    content = await read_content(reader.pool, bank, report.message_id)
    if content is None:
        raise LedgerError("status_message_not_found", message_id=report.message_id)
    known = await _orders(reader, bank, content.message_id)
    shared = Counter(entry.bank_reference for entry in report.entries)
    results = [_before(named, known, caller, bank, shared) for named in _named(report, content)]
    asked = [request for request in results if isinstance(request, Request)]
    recorded = iter(await record_each(ledger, asked))
    done: list[OrderResult] = []
    for named, result in zip(_named(report, content), results, strict=True):
        if isinstance(result, Request):
            done.append(_after(named, next(recorded)))
        else:
            done.append(result)
    if any(isinstance(one.outcome, LedgerError) and one.order is not None for one in done):
        known = await _orders(reader, bank, content.message_id)
        done = [_looked_at_again(one, known) for one in done]
    return StatusResult(report, done)


async def _orders(reader: Reader, bank: str, message_id: str) -> dict[str, InstructionRecord]:
    """The message's orders as they are now, by their end-to-end ids."""
    await reader.catch_up()
    async with reader.pool.connection() as connection:
        rows = await instructions.list_page(connection, scope=Scope(bank=bank), message_id=message_id, limit=2**31 - 1)
    return {row.end_to_end_id: row for row in rows}


def _named(report: StatusReport, content: MessageContent) -> Iterator[_Named]:
    """Each status with each order that it is about: a wider one is about the orders that nothing narrower names."""
    orders = {order.end_to_end_id: (share, order) for share, order in content.each()}
    payments = {share.payment_id: share for share in content.shares}
    by_transaction = {entry.end_to_end_id for entry in report.entries if entry.level == "transaction"}
    by_payment = {entry.payment_id for entry in report.entries if entry.level == "payment"}
    for entry in report.entries:
        match entry.level:
            case "transaction":
                found = orders.get(entry.end_to_end_id)
                if not entry.end_to_end_id:
                    yield _Named(entry, refusal=LedgerError("status_order_unnamed"))
                elif found is None:
                    figures = {"message_id": content.message_id, "end_to_end_id": entry.end_to_end_id}
                    yield _Named(entry, refusal=LedgerError("status_order_not_found", **figures))
                else:
                    yield _Named(entry, *found)
            case "payment":
                share = payments.get(entry.payment_id)
                if share is None:
                    figures = {"message_id": content.message_id, "payment_id": entry.payment_id}
                    yield _Named(entry, refusal=LedgerError("status_payment_not_found", **figures))
                    continue
                for order in share.orders:
                    if order.end_to_end_id not in by_transaction:
                        yield _Named(entry, share, order)
            case "group":
                for share, order in content.each():
                    if order.end_to_end_id not in by_transaction and share.payment_id not in by_payment:
                        yield _Named(entry, share, order)


def _before(
    named: _Named, known: dict[str, InstructionRecord], caller: Caller, bank: str, shared: Counter[str]
) -> OrderResult | Request:
    """The result of a status that needs no command, or the command's request."""
    entry, share, order, refusal = named
    if refusal is not None:
        return OrderResult(entry, None, None, "refused", refusal)
    assert share is not None
    assert order is not None
    meaning = meaning_of(entry.status)
    if meaning == "unknown":
        return OrderResult(entry, share, order, "refused", LedgerError("status_code_unknown", status=entry.status))
    if meaning == "nothing":
        return OrderResult(entry, share, order, "unchanged", None)
    if entry.amount_fen is not None and entry.amount_fen < 0:
        return OrderResult(entry, share, order, "refused", LedgerError("status_amount_unreadable"))
    amount_fen = order.amount_fen if entry.amount_fen is None else entry.amount_fen
    if amount_fen != order.amount_fen:
        differs = LedgerError("instruction_amount_differs", amount_fen=order.amount_fen, settled_fen=amount_fen)
        return OrderResult(entry, share, order, "refused", differs)
    told = _told_before(entry, share, order, known, meaning)
    if told is not None:
        return told
    try:
        require_day(entry.settled_on)
    except LedgerError as early:
        return OrderResult(entry, share, order, "refused", early)
    settled = meaning == "settled"
    own_reference = entry.bank_reference if shared[entry.bank_reference] == 1 else ""
    command = settlement(
        bank=bank,
        account_id=share.account_id,
        instruction_id=order.instruction_id,
        outcome=meaning,
        amount_fen=amount_fen,
        bank_reference=(own_reference or order.end_to_end_id) if settled else "",
        reason="" if settled else entry.reason or NO_REASON,
        on=entry.settled_on,
    )
    return caller.entry(command)


def _told_before(
    entry: StatusEntry,
    share: AccountShare,
    order: ExportedOrder,
    known: dict[str, InstructionRecord],
    outcome: SettlementOutcome,
) -> OrderResult | None:
    """The result where the bank has spoken of the order already: the same again, or what cannot be any more."""
    row = known.get(order.end_to_end_id)
    if row is None or row.state not in ("settled", "rejected", "returned", "declined"):
        return None
    if row.state == outcome or (row.state == "returned" and outcome == "settled"):
        return OrderResult(entry, share, order, "repeated", None)
    wrong = LedgerError("instruction_outcome_wrong", kind=order.kind, state=row.state, outcome=outcome)
    return OrderResult(entry, share, order, "refused", wrong)


def _after(named: _Named, outcome: Outcome | LedgerError) -> OrderResult:
    entry, share, order, _ = named
    if isinstance(outcome, LedgerError):
        return OrderResult(entry, share, order, "refused", outcome)
    if outcome.replayed:
        return OrderResult(entry, share, order, "repeated", outcome)
    settled = meaning_of(entry.status) == "settled"
    return OrderResult(entry, share, order, "settled" if settled else "rejected", outcome)


def _looked_at_again(one: OrderResult, known: dict[str, InstructionRecord]) -> OrderResult:
    """A command that was refused because somebody told the same meanwhile is no refusal."""
    meaning = meaning_of(one.entry.status)
    if not isinstance(one.outcome, LedgerError) or one.share is None or one.order is None:
        return one
    if one.outcome.code not in ("instruction_not_found", "instruction_outcome_wrong", "entry_reused"):
        return one
    if meaning not in ("settled", "rejected"):
        return one
    return _told_before(one.entry, one.share, one.order, known, meaning) or one
