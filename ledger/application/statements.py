"""The use case of a bank's report of one day: statements, closing balances, and debits that nobody instructed."""

from collections.abc import Callable, Sequence
from datetime import date
from hashlib import blake2b
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool, record_each, require_day, take_batch_key
from ledger.domain.commands import (
    Command,
    RecordBankStatement,
    RecordUnexplainedDebit,
    ReportBankBalance,
    RestoreUnexplainedDebit,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import DebitKind, StatementEntry
from ledger.storage.requests import Outcome, Request


class ClosingBalance(msgspec.Struct, frozen=True, kw_only=True):
    """The book balance (fen, may be negative) of the bank's account of that number."""

    account_no: str
    balance_fen: int


class UnexplainedDebit(msgspec.Struct, frozen=True, kw_only=True):
    """Money (fen) that left without an instruction."""

    account_no: str
    bank_reference: str
    amount_fen: int
    kind: DebitKind


class RestoredDebit(msgspec.Struct, frozen=True, kw_only=True):
    """Such money (fen) that came back."""

    account_no: str
    bank_reference: str
    amount_fen: int


class AccountStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement (or one part of it) that ends on the day: balances (fen, may be negative) and what was booked."""

    account_no: str
    opening_fen: int
    closing_fen: int
    entries: tuple[StatementEntry, ...]
    from_on: date | None = None
    part: int = 1
    parts: int = 1


StatementItem = ClosingBalance | UnexplainedDebit | RestoredDebit | AccountStatement


async def report_statement(
    ledger: Ledger,
    pool: ReadPool,
    caller: Caller,
    *,
    bank: str,
    statement_id: str,
    on: date,
    items: Sequence[StatementItem],
) -> list[Outcome | LedgerError]:
    """Record a day's statement, one result an item in order. Raises `idempotency_key_reused`, `date_too_early`."""
    require_day(on)
    await take_batch_key(pool, caller)
    requests: list[Request | LedgerError] = []
    for place, item in enumerate(items):
        try:
            account_id = await ledger.find_account(bank, item.account_no)
        except LedgerError as refusal:
            requests.append(refusal)
            continue
        commands = command_maker(account_id, bank=bank, statement_id=statement_id, on=on)
        requests.append(caller.part(str(place), commands(item)))
    return await record_each(ledger, requests)


def command_maker(account_id: UUID, *, bank: str, statement_id: str, on: date) -> Callable[[StatementItem], Command]:
    """What makes the commands of an account's items of that day."""

    def digest(item: UnexplainedDebit | RestoredDebit) -> str:
        content = (type(item).__name__, account_id.hex, on.isoformat(), msgspec.to_builtins(item))
        return blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).hexdigest()

    def command(item: StatementItem) -> Command:
        match item:
            case ClosingBalance():
                return ReportBankBalance(
                    account_id=account_id,
                    effective_on=on,
                    bank=bank,
                    statement_id=statement_id,
                    balance_fen=item.balance_fen,
                )
            case UnexplainedDebit():
                return RecordUnexplainedDebit(
                    account_id=account_id,
                    effective_on=on,
                    bank=bank,
                    bank_reference=item.bank_reference,
                    amount_fen=item.amount_fen,
                    kind=item.kind,
                    digest=digest(item),
                )
            case AccountStatement():
                return RecordBankStatement(
                    account_id=account_id,
                    effective_on=on,
                    bank=bank,
                    statement_id=statement_id,
                    from_on=item.from_on or on,
                    to_on=on,
                    opening_fen=item.opening_fen,
                    closing_fen=item.closing_fen,
                    entries=item.entries,
                    part=item.part,
                    parts=item.parts,
                )
            case RestoredDebit():
                return RestoreUnexplainedDebit(
                    account_id=account_id,
                    effective_on=on,
                    bank=bank,
                    bank_reference=item.bank_reference,
                    amount_fen=item.amount_fen,
                    digest=digest(item),
                )

    return command
