"""Decisions about the bank's word on instructions: paid, rejected, returned. Its word is the truth of its books."""

from typing import Any

from ledger.domain.account import EscrowAccount, Instruction
from ledger.domain.commands import DeclineInstruction, SettleInstruction
from ledger.domain.decisions.context import Context, Decision, require_bank
from ledger.domain.decisions.recoupment import recoup_advance
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AdvanceFailed,
    AdvancePaid,
    PayoutFailed,
    PayoutSettled,
    RefundPaid,
    RefundRejected,
    RefundReturned,
    SuspenseReturned,
    SuspenseReturnFailed,
    TransferFailed,
    TransferReturned,
    TransferSettled,
)


def settle_instruction(account: EscrowAccount, command: SettleInstruction, context: Context) -> Decision:
    """Refuses `bank_mismatch`, `instruction_not_found`, `instruction_amount_differs`, `instruction_outcome_wrong`,
    and `debit_above_cash` for a settlement that the account's cash cannot have paid.

    A settlement is recorded whether the order was approved and exported or not: the cash has left. One that waited for
    approval is marked as `unapproved`.
    """
    require_bank(account, command.bank)
    instruction = account.instructions.get(command.instruction_id)
    if instruction is None:
        raise LedgerError("instruction_not_found", instruction_id=command.instruction_id)
    if instruction.amount_fen != command.amount_fen:
        raise LedgerError(
            "instruction_amount_differs", amount_fen=instruction.amount_fen, settled_fen=command.amount_fen
        )
    match instruction.state, command.outcome:
        case (("pending" | "approved" | "exported"), "settled"):
            if command.amount_fen > account.buckets.cash:
                raise LedgerError("debit_above_cash", cash_fen=account.buckets.cash, amount_fen=command.amount_fen)
            unapproved = instruction.needs_approval and instruction.state == "pending"
            return _settled(instruction, _entry(command, context) | {"unapproved": unapproved})
        case (("pending" | "approved" | "exported"), "rejected"):
            return failed_order(account, instruction, command, context, amount_fen=command.amount_fen)
        case "paid", "returned":
            entry = _entry(command, context)
            if instruction.kind == "transfer":
                return [TransferReturned(**entry, transfer_id=instruction.subject_id, reason=command.reason)]
            return [RefundReturned(**entry, refund_id=instruction.subject_id, reason=command.reason)]
        case state, outcome:
            raise LedgerError("instruction_outcome_wrong", kind=instruction.kind, state=state, outcome=outcome)


def _entry(command: SettleInstruction, context: Context) -> dict[str, Any]:
    """What every event says that an entry of the bank's books made of the instruction."""
    return context.envelope(command) | {
        "bank": command.bank,
        "bank_reference": command.bank_reference,
        "digest": command.digest,
        "instruction_id": command.instruction_id,
        "amount_fen": command.amount_fen,
    }


def _settled(instruction: Instruction, entry: dict[str, Any]) -> Decision:
    match instruction.kind:
        case "payout":
            return [PayoutSettled(**entry)]
        case "advance":
            return [AdvancePaid(**entry)]
        case "refund":
            return [RefundPaid(**entry, refund_id=instruction.subject_id)]
        case "suspense_return":
            return [SuspenseReturned(**entry, suspense_id=instruction.subject_id)]
        case "transfer":
            return [TransferSettled(**entry, transfer_id=instruction.subject_id)]


def failed_order(
    account: EscrowAccount,
    instruction: Instruction,
    command: SettleInstruction | DeclineInstruction,
    context: Context,
    *,
    amount_fen: int,
) -> Decision:
    """The order ends unpaid: its money is where it was before."""
    failed: dict[str, Any] = context.envelope(command) | {
        "instruction_id": command.instruction_id,
        "amount_fen": amount_fen,
        "reason": command.reason,
    }
    match instruction.kind:
        case "payout":
            again = recoup_advance(account, command, context, newly_earned_fen=amount_fen)
            return [PayoutFailed(**failed), *again]
        case "advance":
            recouped_fen = max(0, amount_fen - account.buckets.advance)
            return [AdvanceFailed(**failed, recouped_fen=recouped_fen)]
        case "refund":
            return [RefundRejected(**failed, refund_id=instruction.subject_id)]
        case "suspense_return":
            return [SuspenseReturnFailed(**failed, suspense_id=instruction.subject_id)]
        case "transfer":
            return [TransferFailed(**failed, transfer_id=instruction.subject_id)]
