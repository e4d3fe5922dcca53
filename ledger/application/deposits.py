"""Use cases of money coming in: one receipt of the bank's books, or up to 5,000 of them."""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Final, Literal
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool, record, record_each, require_day
from ledger.domain.commands import PostDeposit, Purpose
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AdvanceRecouped,
    CashSwept,
    ContinuityArrived,
    DepositHeldInSuspense,
    FeePaid,
    KeptFeesConsumed,
    PaymentSource,
    ReserveDeposited,
    SuspenseReason,
    SuspenseReturnInstructed,
)
from ledger.storage.requests import Outcome, Request

BATCH_LIMIT: Final = 5_000


class DepositEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt as its bank reports it, for the account of that id or of that number at the bank (fen)."""

    bank_reference: str
    amount_fen: int
    value_on: date
    account_id: UUID | None = None
    account_no: str = ""
    contract_reference: str = ""
    payer_route: str = ""
    purpose: Purpose = "fee"
    payment_source: PaymentSource = ""


class DepositLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part of a receipt went: to a contract's fees, to suspense (and why), or to the reserve (fen)."""

    to: Literal["contract", "suspense", "reserve"]
    amount_fen: int
    contract_id: str | None = None
    suspense_id: str | None = None
    reason: SuspenseReason | None = None


def deposit_digest(account_id: UUID, entry: DepositEntry) -> str:
    """Hex digest of all that an entry says: by it a repeated entry is told from a changed one."""
    content = (
        account_id.hex,
        entry.amount_fen,
        entry.value_on,
        entry.contract_reference,
        entry.payer_route,
        entry.purpose,
        *((entry.payment_source,) if entry.payment_source else ()),
    )
    return blake2b(msgspec.json.encode(content), digest_size=16).hexdigest()


def suspense_id_of(bank: str, bank_reference: str) -> str:
    """The suspense item that an entry makes where no contract explains it; the same whenever it is posted."""
    return "s-" + blake2b(f"{bank}/{bank_reference}".encode(), digest_size=16).hexdigest()


async def deposit_command(ledger: Ledger, bank: str, entry: DepositEntry) -> PostDeposit:
    """The command for an entry of this bank. Raises `account_not_found`, `date_too_early`."""
    account_id = entry.account_id
    if account_id is None:
        account_id = await ledger.find_account(bank, entry.account_no)
    return _command(bank, account_id, entry)


def _command(bank: str, account_id: UUID, entry: DepositEntry) -> PostDeposit:
    return PostDeposit(
        account_id=account_id,
        effective_on=require_day(entry.value_on),
        bank=bank,
        bank_reference=entry.bank_reference,
        amount_fen=entry.amount_fen,
        contract_reference=entry.contract_reference,
        payer_route=entry.payer_route,
        purpose=entry.purpose,
        payment_source=entry.payment_source,
        suspense_id=suspense_id_of(bank, entry.bank_reference),
        digest=deposit_digest(account_id, entry),
    )


async def post_deposit(ledger: Ledger, caller: Caller, *, bank: str, entry: DepositEntry) -> Outcome:
    """Record one receipt; the same entry again gives its first outcome.

    Raises `account_not_found`, `entry_reused`, `idempotency_key_reused`, `date_in_future`, `date_too_early`.
    """
    return await record(ledger, caller, await deposit_command(ledger, bank, entry))


async def post_deposits(
    ledger: Ledger, pool: ReadPool, caller: Caller, *, bank: str, entries: Sequence[DepositEntry], atomic: bool
) -> list[Outcome | LedgerError]:
    """Record many receipts, one result each in order; `atomic`: all of them, or none and the first refusal is raised.

    An item may also be refused as `entry_duplicate_in_batch`. Raises `idempotency_key_reused`.
    """
    assert len(entries) <= BATCH_LIMIT
    await ledger.batch_keys.take(pool, caller)
    requests = await deposit_requests(ledger, caller, bank=bank, entries=entries)
    if not atomic:
        return await record_each(ledger, requests)
    ready: list[Request] = []
    for item, request in enumerate(requests):
        if isinstance(request, LedgerError):
            request.item = item
            raise request
        ready.append(request)
    return [*await ledger.execute_atomically(ready)]


async def deposit_requests(
    ledger: Ledger, caller: Caller, *, bank: str, entries: Sequence[DepositEntry]
) -> list[Request | LedgerError]:
    """A request for each entry, or why there is none. An entry is recognised by its bank's reference alone."""
    unknown: set[str] = set()
    seen: set[str] = set()
    requests: list[Request | LedgerError] = []
    for entry in entries:
        if entry.bank_reference in seen:
            requests.append(LedgerError("entry_duplicate_in_batch", bank_reference=entry.bank_reference))
            continue
        seen.add(entry.bank_reference)
        try:
            account_id = entry.account_id or ledger.known_account(bank, entry.account_no)
            if account_id is None:
                if entry.account_no in unknown:
                    raise LedgerError("account_not_found")
                account_id = await ledger.find_account(bank, entry.account_no)
            requests.append(caller.entry(_command(bank, account_id, entry)))
        except LedgerError as refusal:
            if refusal.code == "account_not_found":
                unknown.add(entry.account_no)
            requests.append(refusal)
    return requests


def deposit_lines(outcome: Outcome) -> list[DepositLine]:
    """Where the receipt of a recorded (or tried) deposit went; the amounts add up to the entry's."""
    if len(outcome.events) == 1 and type(event := outcome.events[0]) is FeePaid:  # nearly all
        return [DepositLine(to="contract", amount_fen=event.amount_fen, contract_id=event.contract_id)]
    lines: list[DepositLine] = []
    for event in outcome.events:
        match event:
            case FeePaid() | ContinuityArrived():
                lines.append(DepositLine(to="contract", amount_fen=event.amount_fen, contract_id=event.contract_id))
            case DepositHeldInSuspense():
                lines.append(
                    DepositLine(
                        to="suspense",
                        amount_fen=event.amount_fen,
                        suspense_id=event.suspense_id,
                        reason=event.reason,
                    )
                )
            case ReserveDeposited():
                lines.append(DepositLine(to="reserve", amount_fen=event.amount_fen))
            case CashSwept() | AdvanceRecouped() | KeptFeesConsumed() | SuspenseReturnInstructed():
                pass
            case _:
                raise AssertionError(f"a deposit does not cause {event.topic}")
    return lines
