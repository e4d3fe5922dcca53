"""Use cases of refunds: quoted, asked, answered, ordered, sent again, withdrawn."""

import asyncio
from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from ledger.application.caller import Caller, Visible
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import AnswerRefund, InstructRefund, OrderRefund, RequestRefund, WithdrawRefund
from ledger.domain.decisions.refunds import quote_refund
from ledger.domain.errors import LedgerError
from ledger.domain.events import QuoteLine, RefundBasis, RefundGround
from ledger.storage.requests import Outcome


def contract_of_family(contract_id: str, families: Collection[str]) -> Visible:
    """A parent sees an account only through an own contract, and that as the account is when it is decided."""

    def visible(account: EscrowAccount) -> bool:
        contract = account.contracts.get(contract_id)
        return contract is not None and contract.family_id in families

    return visible


def refund_of_family(refund_id: str, families: Collection[str]) -> Visible:
    """The same through an own refund."""

    def visible(account: EscrowAccount) -> bool:
        refund = account.refunds.get(refund_id)
        return refund is not None and contract_of_family(refund.contract_id, families)(account)

    return visible


class RefundQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What a request would be quoted on a day, worked out on the account's `version` under `policy`; nothing is
    recorded. `lines` are the best of each package, `bases` all lines of all lawful bases (fen)."""

    account_id: str
    contract_id: str
    version: int
    quoted_on: date
    ground: RefundGround
    same_service_before: bool
    basis: RefundBasis
    quoted_fen: int
    policy: str
    rules: tuple[str, ...]
    lines: tuple[QuoteLine, ...]
    bases: tuple[QuoteLine, ...]


async def quote_contract(
    ledger: Ledger, *, account_id: UUID, contract_id: str, ground: RefundGround, same_service_before: bool, on: date
) -> RefundQuote:
    """The quote that a request would get now. Raises `contract_not_found`, `refund_nothing_left`."""
    account = await asyncio.to_thread(ledger.account_at_version, account_id)
    command = RequestRefund(
        account_id=account_id,
        effective_on=on,
        refund_id="",
        contract_id=contract_id,
        reason="",
        ground=ground,
        same_service_before=same_service_before,
    )
    context = ledger.context(ledger.clock(), "")
    best = quote_refund(account, command, context)
    return RefundQuote(
        account_id=str(account_id),
        contract_id=contract_id,
        version=account.version,
        quoted_on=on,
        ground=ground,
        same_service_before=best.same_service_before,
        basis=best.basis,
        quoted_fen=best.amount_fen,
        policy=context.policy_of(account, command).name,
        rules=best.rules,
        lines=best.lines,
        bases=best.bases,
    )


async def request_refund(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    refund_id: str,
    contract_id: str,
    reason: str,
    ground: RefundGround,
    same_service_before: bool,
    on: date,
) -> Outcome:
    """Ask for what is left of a contract. Raises `contract_not_found`, `refund_open`, `refund_nothing_left`."""
    command = RequestRefund(
        account_id=account_id,
        effective_on=on,
        refund_id=refund_id,
        contract_id=contract_id,
        reason=reason,
        ground=ground,
        same_service_before=same_service_before,
    )
    try:
        return await record(ledger, caller, command)
    except LedgerError as refusal:
        if refusal.code == "account_not_found":  # outside the row scope: told like a contract that is not there
            raise LedgerError("contract_not_found", contract_id=contract_id) from refusal
        raise


async def answer_refund(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    refund_id: str,
    agree: bool,
    offered_fen: int,
    reason: str,
    on: date,
) -> Outcome:
    """Agree to the quote, or contest it. Raises `refund_not_waiting`, `refund_offer_wrong`."""
    command = AnswerRefund(
        account_id=account_id,
        effective_on=on,
        refund_id=refund_id,
        agree=agree,
        offered_fen=offered_fen,
        reason=reason,
    )
    return await _of_refund(ledger, caller, command)


async def order_refund(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    refund_id: str,
    amount_fen: int,
    reason: str,
    case_id: str,
    on: date,
) -> Outcome:
    """Decide how much is refunded. Raises `refund_not_waiting`, `refund_above_unconsumed`, `refund_offer_wrong`."""
    command = OrderRefund(
        account_id=account_id,
        effective_on=on,
        refund_id=refund_id,
        amount_fen=amount_fen,
        reason=reason,
        case_id=case_id,
    )
    return await _of_refund(ledger, caller, command)


async def instruct_refund(ledger: Ledger, caller: Caller, *, account_id: UUID, refund_id: str, on: date) -> Outcome:
    """Send what is agreed and not on its way to the bank again. Raises `refund_not_waiting`, `cash_short`."""
    return await _of_refund(ledger, caller, InstructRefund(account_id=account_id, effective_on=on, refund_id=refund_id))


async def withdraw_refund(
    ledger: Ledger, caller: Caller, *, account_id: UUID, refund_id: str, reason: str, on: date
) -> Outcome:
    """Take the request back. Raises `refund_not_waiting`."""
    command = WithdrawRefund(account_id=account_id, effective_on=on, refund_id=refund_id, reason=reason)
    return await _of_refund(ledger, caller, command)


async def _of_refund(
    ledger: Ledger, caller: Caller, command: AnswerRefund | OrderRefund | InstructRefund | WithdrawRefund
) -> Outcome:
    try:
        return await record(ledger, caller, command)
    except LedgerError as refusal:
        if refusal.code == "account_not_found":  # outside the row scope: told like a refund that is not there
            raise LedgerError("refund_not_found", refund_id=command.refund_id) from refusal
        raise
