"""Decisions about orders before the bank has spoken: a second person approves or declines, a message takes them."""

from typing import Any

from ledger.domain.account import EscrowAccount, Instruction
from ledger.domain.actors import is_same_person, read_actor
from ledger.domain.clocks import is_suspended, require_running
from ledger.domain.commands import ApproveInstruction, DeclineInstruction, ExportInstructions
from ledger.domain.decisions.context import Context, Decision, require_bank, require_traffic
from ledger.domain.decisions.instructions import failed_order
from ledger.domain.dual_control import TO_INSTITUTION
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    ExportedOrder,
    InstructionApproved,
    InstructionDeclined,
    InstructionExported,
    PaymentOrder,
)
from ledger.domain.instruction_ids import end_to_end_id


def approve_instruction(account: EscrowAccount, command: ApproveInstruction, context: Context) -> Decision:
    """All of the orders, or none.

    Refuses `instruction_not_found`, `instruction_not_awaiting`, `instruction_not_institutions`,
    `instruction_same_person`, and for money to the institution `account_frozen`, `account_suspended`.
    """
    found = {instruction_id: _awaiting(account, instruction_id, context) for instruction_id in command.instruction_ids}
    if any(instruction.kind in TO_INSTITUTION for instruction in found.values()):
        require_traffic(account, "payouts")
        require_running(account, context.today)
    return [
        InstructionApproved(
            **context.envelope(command),
            orders=tuple(PaymentOrder(**_order(one, instruction)) for one, instruction in found.items()),
            makers=tuple(sorted({instruction.maker for instruction in found.values()})),
        )
    ]


def decline_instruction(account: EscrowAccount, command: DeclineInstruction, context: Context) -> Decision:
    """The order ends and its money is where it was before, as when the bank rejects it.

    Refuses `instruction_not_found`, `instruction_not_awaiting`, `instruction_not_institutions`,
    `instruction_same_person`. What may go to the bank already cannot be declined: the bank may be paying it.
    """
    instruction = _awaiting(account, command.instruction_id, context)
    declined = InstructionDeclined(
        **context.envelope(command),
        **_order(command.instruction_id, instruction),
        maker=instruction.maker,
        reason=command.reason,
    )
    failed = failed_order(account, instruction, command, context, amount_fen=instruction.amount_fen)
    return [declined, *failed]


def export_instructions(account: EscrowAccount, command: ExportInstructions, context: Context) -> Decision:
    """Those of the orders that may go now; none: nothing happens. What a message has, no other message gets.

    Left behind are orders that a second person has not approved, those in another message, those that the bank spoke of
    already, and money to the institution while its payouts are frozen or stand still. Refuses `bank_mismatch`.
    """
    require_bank(account, command.bank)
    held = account.is_frozen("payouts") or is_suspended(account, context.today)
    orders: dict[str, ExportedOrder] = {}
    for instruction_id in command.instruction_ids:
        instruction = account.instructions.get(instruction_id)
        if instruction is None or not instruction.may_go or (held and instruction.kind in TO_INSTITUTION):
            continue
        orders[instruction_id] = _exported(account, instruction_id, instruction)
    if not orders:
        return []
    return [
        InstructionExported(
            **context.envelope(command),
            bank=account.bank,
            account_no=account.account_no,
            institution_id=account.institution_id,
            message_id=command.message_id,
            message_at=command.message_at,
            execute_on=command.execute_on,
            orders=tuple(orders.values()),
        )
    ]


def _awaiting(account: EscrowAccount, instruction_id: str, context: Context) -> Instruction:
    """The order, if it waits for approval by somebody like the actor."""
    instruction = account.instructions.get(instruction_id)
    if instruction is None:
        raise LedgerError("instruction_not_found", instruction_id=instruction_id)
    if instruction.state != "pending" or not instruction.needs_approval:
        raise LedgerError("instruction_not_awaiting", instruction_id=instruction_id, state=instruction.state)
    if read_actor(context.actor).role == "institution" and instruction.kind not in TO_INSTITUTION:
        raise LedgerError("instruction_not_institutions", instruction_id=instruction_id, kind=instruction.kind)
    if is_same_person(instruction.maker, context.actor):
        raise LedgerError("instruction_same_person", instruction_id=instruction_id)
    return instruction


def _order(instruction_id: str, instruction: Instruction) -> dict[str, Any]:
    return {
        "instruction_id": instruction_id,
        "kind": instruction.kind,
        "subject_id": instruction.subject_id,
        "amount_fen": instruction.amount_fen,
    }


def _exported(account: EscrowAccount, instruction_id: str, instruction: Instruction) -> ExportedOrder:
    route = reference = ""
    match instruction.kind:
        case "refund":
            contract = account.contracts[account.refunds[instruction.subject_id].contract_id]
            reference = instruction.payment_reference
            route = contract.payments[reference].route
        case "transfer":
            route, reference = account.transfers_out[instruction.subject_id].route, instruction.subject_id
        case "suspense_return":
            item = account.suspense[instruction.subject_id]
            route, reference = item.route, item.reference
        case "payout" | "advance":
            pass
    return ExportedOrder(
        **_order(instruction_id, instruction),
        end_to_end_id=end_to_end_id(instruction_id),
        route=route,
        payment_reference=reference,
    )
