"""Evolution of continuity: a family's value leaves one account and is in transit to another until it arrives."""

from ledger.domain.account import Contract, EscrowAccount, Instruction
from ledger.domain.actors import maker_of
from ledger.domain.carried_payments import give_up_payments, take_over_payments
from ledger.domain.continuity_state import ContinuityChoice, ContinuityOffer, TransferIn, TransferOut
from ledger.domain.events import (
    ContinuityAccepted,
    ContinuityArrived,
    ContinuityMatched,
    ContinuityOffered,
    ContinuityReceived,
    ContinuityRevoked,
    ContinuityTransferred,
    TransferFailed,
    TransferInstructed,
    TransferReturned,
    TransferSettled,
)
from ledger.domain.evolution.account import Handlers
from ledger.domain.evolution.contracts import take_suspense
from ledger.domain.evolution.lessons import moved_on
from ledger.domain.evolution.refunds import close_refund


def _offered(a: EscrowAccount, e: ContinuityOffered) -> None:
    a.offers[e.offer_id] = ContinuityOffer(
        from_account_id=e.from_account_id,
        course_id=e.course_id,
        lesson_minutes=e.lesson_minutes,
        ends_on=e.ends_on,
        until_on=e.until_on,
    )


def _choose(a: EscrowAccount, contract: Contract, choice: ContinuityChoice | None) -> None:
    """What the contract is still owed waits for a transfer, or is sent to the family again."""
    contract.continuity = choice
    for refund_id in a.unpaid_refunds:
        refund = a.refunds[refund_id]
        if refund.contract_id == contract.contract_id:
            refund.goes_on = choice is not None


def _accepted(a: EscrowAccount, e: ContinuityAccepted) -> None:
    choice = ContinuityChoice(offer_id=e.offer_id, to_account_id=e.to_account_id)
    _choose(a, a.contracts[e.contract_id], choice)


def _revoked(a: EscrowAccount, e: ContinuityRevoked) -> None:
    _choose(a, a.contracts[e.contract_id], None)


def _transferred(a: EscrowAccount, e: ContinuityTransferred) -> None:
    contract = a.contracts[e.contract_id]
    moved_on(contract, e.effective_on)
    for line in e.lines:
        contract.packages[line.package - 1].paid_fen -= line.amount_fen
        contract.prepaid_fen -= line.amount_fen
    give_up_payments(contract, e.payments)
    # What later distributions give the family is refunded: it has moved once.
    _choose(a, contract, None)
    for part in e.refunds:
        refund = a.refunds[part.refund_id]
        refund.paid_fen += part.amount_fen
        close_refund(a, part.refund_id, refund)
    if a.wind_down is not None:
        a.wind_down.transferred_fen += sum(part.amount_fen for part in e.refunds)
    a.transfers_out[e.transfer_id] = TransferOut(amount_fen=e.amount_fen, route=e.route)
    _order(a, e)


def _order(a: EscrowAccount, e: ContinuityTransferred | TransferInstructed) -> None:
    a.transfers_out[e.transfer_id].instruction_id = e.instruction_id
    a.instructions[e.instruction_id] = Instruction(
        kind="transfer",
        subject_id=e.transfer_id,
        amount_fen=e.amount_fen,
        needs_approval=e.needs_approval,
        maker=maker_of(e.actor, e.cause),
    )


def _settled(a: EscrowAccount, e: TransferSettled) -> None:
    instruction = a.instructions[e.instruction_id]
    instruction.state, instruction.maker = "paid", ""
    a.transfers_sent[e.transfer_id] = a.transfers_out.pop(e.transfer_id)


def _returned(a: EscrowAccount, e: TransferReturned) -> None:
    a.transfers_out[e.transfer_id] = a.transfers_sent.pop(e.transfer_id)
    _not_sent(a, e)


def _not_sent(a: EscrowAccount, e: TransferFailed | TransferReturned) -> None:
    del a.instructions[e.instruction_id]
    transfer = a.transfers_out[e.transfer_id]
    transfer.instruction_id = ""
    transfer.returns += 1


def _received(a: EscrowAccount, e: ContinuityReceived) -> None:
    contract = a.contracts[e.contract_id]
    moved_on(contract, e.effective_on)
    for line in e.lines:
        contract.packages[line.package - 1].paid_fen += line.amount_fen
    contract.prepaid_fen += e.amount_fen
    take_over_payments(contract, e.payments)
    a.transfers_in[e.transfer_id] = TransferIn(contract_id=e.contract_id, amount_fen=e.amount_fen)


def _arrived(a: EscrowAccount, e: ContinuityArrived) -> None:
    del a.transfers_in[e.transfer_id]


def _matched(a: EscrowAccount, e: ContinuityMatched) -> None:
    take_suspense(a, e.suspense_id, e.amount_fen)
    del a.transfers_in[e.transfer_id]


CONTINUITY: Handlers = {
    ContinuityOffered: _offered,
    ContinuityAccepted: _accepted,
    ContinuityRevoked: _revoked,
    ContinuityTransferred: _transferred,
    TransferInstructed: _order,
    TransferSettled: _settled,
    TransferReturned: _returned,
    TransferFailed: _not_sent,
    ContinuityReceived: _received,
    ContinuityArrived: _arrived,
    ContinuityMatched: _matched,
}
