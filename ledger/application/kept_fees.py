"""Use cases of risk-deposit mode: fees that the institution keeps, and refunds paid by it or out of its deposit."""

from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import DrawReserve, RecordInstitutionRefund, ReportKeptFee
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome


async def report_kept_fee(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    contract_id: str,
    receipt_no: str,
    amount_fen: int,
    payer_route: str,
    on: date,
) -> Outcome:
    """Report a fee that the institution keeps. Raises `fee_not_kept`, `kept_fee_exists`, `contract_overpaid`."""
    command = ReportKeptFee(
        account_id=account_id,
        effective_on=on,
        contract_id=contract_id,
        receipt_no=receipt_no,
        amount_fen=amount_fen,
        payer_route=payer_route,
    )
    return await record(ledger, caller, command)


async def record_institution_refund(
    ledger: Ledger, caller: Caller, *, account_id: UUID, refund_id: str, amount_fen: int, document: str, on: date
) -> Outcome:
    """Record that the institution paid a refund itself. Raises `refund_not_with_institution`."""
    command = RecordInstitutionRefund(
        account_id=account_id, effective_on=on, refund_id=refund_id, amount_fen=amount_fen, document=document
    )
    return await _of_refund(ledger, caller, command)


async def draw_reserve(
    ledger: Ledger, caller: Caller, *, account_id: UUID, refund_id: str, amount_fen: int, reason: str, on: date
) -> Outcome:
    """Order a refund out of the deposit. Raises `refund_not_with_institution`, `reserve_too_small`, `cash_short`."""
    command = DrawReserve(
        account_id=account_id, effective_on=on, refund_id=refund_id, amount_fen=amount_fen, reason=reason
    )
    return await _of_refund(ledger, caller, command)


async def _of_refund(ledger: Ledger, caller: Caller, command: RecordInstitutionRefund | DrawReserve) -> Outcome:
    try:
        return await record(ledger, caller, command)
    except LedgerError as refusal:
        if refusal.code == "account_not_found":  # outside the row scope: told like a refund that is not there
            raise LedgerError("refund_not_found", refund_id=command.refund_id) from refusal
        raise
