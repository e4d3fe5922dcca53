"""Use cases of lessons that wait: a family confirms or disputes one, and somebody decides the dispute."""

from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import ConfirmLesson, DisputeLesson, RecordLeave, ResolveDispute
from ledger.domain.errors import LedgerError
from ledger.domain.events import ConfirmedHow, DisputeOutcome, ResolvedBy
from ledger.storage.requests import Outcome


async def confirm_lesson(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    lesson_id: str,
    contract_id: str,
    how: ConfirmedHow,
    device: str,
    on: date,
) -> Outcome:
    """Confirm a lesson for a family. Raises `lesson_not_pending`, `lesson_already_drawn`, `account_frozen`."""
    command = ConfirmLesson(
        account_id=account_id, effective_on=on, lesson_id=lesson_id, contract_id=contract_id, how=how, device=device
    )
    return await _of_contract(ledger, caller, command)


async def dispute_lesson(
    ledger: Ledger, caller: Caller, *, account_id: UUID, lesson_id: str, contract_id: str, reason: str, on: date
) -> Outcome:
    """Dispute a lesson for a family. Raises `lesson_not_pending`, `lesson_already_disputed`, `lesson_dispute_late`."""
    command = DisputeLesson(
        account_id=account_id, effective_on=on, lesson_id=lesson_id, contract_id=contract_id, reason=reason
    )
    return await _of_contract(ledger, caller, command)


async def resolve_dispute(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    lesson_id: str,
    contract_id: str,
    outcome: DisputeOutcome,
    by: ResolvedBy,
    case_id: str,
    reason: str,
    on: date,
) -> Outcome:
    """Decide a dispute. Raises `lesson_not_pending`, `lesson_not_disputed`, `dispute_needs_order`."""
    command = ResolveDispute(
        account_id=account_id,
        effective_on=on,
        lesson_id=lesson_id,
        contract_id=contract_id,
        outcome=outcome,
        by=by,
        case_id=case_id,
        reason=reason,
    )
    return await _of_contract(ledger, caller, command)


async def record_leave(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    lesson_id: str,
    contract_id: str,
    lesson_on: date,
    asked_on: date,
    reason: str,
    ends_on: date | None = None,
) -> Outcome:
    """Record leave that a family asked for in time. Raises `leave_late`, `lesson_missed`, `lesson_outside_contract`."""
    command = RecordLeave(
        account_id=account_id,
        effective_on=asked_on,
        lesson_id=lesson_id,
        contract_id=contract_id,
        lesson_on=lesson_on,
        reason=reason,
        ends_on=ends_on,
    )
    return await _of_contract(ledger, caller, command)


async def _of_contract(
    ledger: Ledger, caller: Caller, command: ConfirmLesson | DisputeLesson | ResolveDispute | RecordLeave
) -> Outcome:
    try:
        return await record(ledger, caller, command)
    except LedgerError as refusal:
        if refusal.code == "account_not_found":  # outside the row scope: told like a contract that is not there
            raise LedgerError("contract_not_found", contract_id=command.contract_id) from refusal
        raise
