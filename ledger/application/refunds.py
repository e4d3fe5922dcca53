"""Use cases of refunds: asked, answered, ordered, sent again, withdrawn."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from ledger.application.caller import Caller, Visible
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import AnswerRefund, InstructRefund, OrderRefund, RequestRefund, WithdrawRefund
from ledger.domain.errors import LedgerError
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


async def request_refund(
    ledger: Ledger, caller: Caller, *, account_id: UUID, refund_id: str, contract_id: str, reason: str, on: date
) -> Outcome:
    """Ask for what is left of a contract. Raises `contract_not_found`, `refund_open`, `refund_nothing_left`."""
    command = RequestRefund(
        account_id=account_id, effective_on=on, refund_id=refund_id, contract_id=contract_id, reason=reason
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
    ledger: Ledger, caller: Caller, *, account_id: UUID, refund_id: str, amount_fen: int, reason: str, on: date
) -> Outcome:
    """Decide how much is refunded. Raises `refund_not_waiting`, `refund_above_unconsumed`, `refund_offer_wrong`."""
    command = OrderRefund(
        account_id=account_id, effective_on=on, refund_id=refund_id, amount_fen=amount_fen, reason=reason
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
