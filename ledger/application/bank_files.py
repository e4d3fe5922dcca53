"""Importing a bank's file of receipts: each entry becomes a deposit, or is refused with its place and reason."""

import asyncio
from typing import NamedTuple

from ledger.application.caller import Caller
from ledger.application.deposits import DepositEntry, deposit_requests
from ledger.application.dry_run import try_deposits
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool, record_each, take_batch_key
from ledger.bank.entries import BankEntry, BankFile
from ledger.bank.findings import EntryRefused
from ledger.bank.reading import read_bank_file
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome


class EntryResult(NamedTuple):
    """What became of one entry. `entry` is None for one that could not be read, whose place is in the refusal."""

    entry: BankEntry | None
    outcome: Outcome | LedgerError | EntryRefused

    @property
    def place(self) -> tuple[int, int, int]:
        """Entry, transaction and line in the file (0: none), by which results are ordered."""
        at = self.entry or self.outcome
        assert isinstance(at, BankEntry | EntryRefused)
        return (at.entry or 0, at.transaction or 0, at.line or 0)


class FileResult(NamedTuple):
    """A file as it was read, and one result for each of its entries in file order."""

    file: BankFile
    results: list[EntryResult]
    dry_run: bool


async def import_bank_file(
    ledger: Ledger,
    pool: ReadPool,
    caller: Caller,
    *,
    bank: str,
    data: bytes,
    salt: bytes,
    name: str = "",
    dry_run: bool = False,
) -> FileResult:
    """Record the file's receipts for this bank; `dry_run` decides them and records nothing.

    Entries stand on their own: a refused one does not hold back the others, and a file imported again changes nothing.
    Raises `FileRefused` for a file that cannot be read as a whole, and `idempotency_key_reused`.
    """
    file = await asyncio.to_thread(read_bank_file, data, salt=salt, name=name)
    if not dry_run:
        await take_batch_key(pool, caller)
    # The entry's own reference recognises it; a key for each would only say so twice.
    without_key = Caller(caller.actor, visible=caller.visible)
    requests = await deposit_requests(
        ledger, without_key, bank=bank, entries=[_deposit(entry) for entry in file.entries]
    )
    if dry_run:
        outcomes = await asyncio.to_thread(try_deposits, ledger, requests, bank=bank)
    else:
        outcomes = await record_each(ledger, requests)
    results = [EntryResult(entry, outcome) for entry, outcome in zip(file.entries, outcomes, strict=True)]
    results += [EntryResult(None, refusal) for refusal in file.refusals]
    return FileResult(file, sorted(results, key=lambda result: result.place), dry_run)


def _deposit(entry: BankEntry) -> DepositEntry:
    return DepositEntry(
        account_no=entry.account_no,
        bank_reference=entry.bank_reference,
        amount_fen=entry.amount_fen,
        value_on=entry.value_on,
        # Money that comes back to the account is nobody's payment of a fee: it waits in suspense.
        contract_reference="" if entry.reversal else entry.contract_reference or "",
        payer_route=entry.payer_route or "",
    )
