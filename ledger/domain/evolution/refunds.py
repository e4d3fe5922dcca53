"""Evolution of refunds, from the request to the last leg paid."""

from ledger.domain.account import EscrowAccount, Instruction, QuotedPackage, Refund
from ledger.domain.actors import maker_of
from ledger.domain.events import (
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundOverdue,
    RefundPaid,
    RefundQuoted,
    RefundRejected,
    RefundRequested,
    RefundReturned,
    RefundWithdrawn,
)
from ledger.domain.evolution.account import Handlers, earned_at_once
from ledger.domain.evolution.lessons import moved_on


def _requested(a: EscrowAccount, e: RefundRequested) -> None:
    a.refunds[e.refund_id] = Refund(
        contract_id=e.contract_id, state="requested", answer_due_on=e.answer_due_on, answer_term=e.answer_term
    )
    if a.wind_down is not None:
        a.refunds[e.refund_id].allocated_fen = 0
    a.unpaid_refunds[e.refund_id] = True
    a.contracts[e.contract_id].open_refund = e.refund_id


def _quoted(a: EscrowAccount, e: RefundQuoted) -> None:
    refund = a.refunds[e.refund_id]
    refund.quoted_fen = e.amount_fen
    refund.quote = [
        QuotedPackage(refund_fen=line.refund_fen, used_fen=line.drawn_fen if line.used_fen is None else line.used_fen)
        for line in e.lines
    ]


def _contested(a: EscrowAccount, e: RefundContested) -> None:
    refund = a.refunds[e.refund_id]
    refund.state = "contested"
    refund.decision_due_on, refund.decision_term = e.decision_due_on, e.decision_term


def close_refund(a: EscrowAccount, refund_id: str, refund: Refund) -> None:
    """Once nothing is left to decide or to pay, the contract is free for lessons again."""
    if refund.final and refund.paid_fen == refund.agreed_fen:
        if refund.state != "withdrawn":
            refund.state = "paid"
        a.unpaid_refunds.pop(refund_id, None)
        contract = a.contracts[refund.contract_id]
        if contract.open_refund == refund_id:
            contract.open_refund = None


def _agreed(a: EscrowAccount, e: RefundAgreed) -> None:
    refund = a.refunds[e.refund_id]
    contract = a.contracts[e.contract_id]
    moved_on(contract, e.effective_on)
    for line in e.lines:
        contract.packages[line.package - 1].refunded_fen += line.amount_fen
        if refund.quote:
            refund.quote[line.package - 1].agreed_fen += line.amount_fen
    for line in e.charged:
        contract.packages[line.package - 1].charged_fen += line.amount_fen
        contract.prepaid_fen -= line.amount_fen
        earned_at_once(a, e.effective_on, line.amount_fen)
    contract.prepaid_fen -= e.amount_fen
    refund.agreed_fen += e.amount_fen
    refund.pay_due_on, refund.pay_term = e.pay_due_on, e.pay_term
    if e.final:
        refund.final = True
        refund.state = "agreed"
        close_refund(a, e.refund_id, refund)


def _instructed(a: EscrowAccount, e: RefundInstructed) -> None:
    refund = a.refunds[e.refund_id]
    contract = a.contracts[refund.contract_id]
    for leg in e.legs:
        contract.payments[leg.payment_reference].refunded_fen += leg.amount_fen
        refund.in_flight_fen += leg.amount_fen
        a.instructions[leg.instruction_id] = Instruction(
            kind="refund",
            subject_id=e.refund_id,
            amount_fen=leg.amount_fen,
            payment_reference=leg.payment_reference,
            needs_approval=e.needs_approval,
            maker=maker_of(e.actor, e.cause),
        )


def _refund_paid(a: EscrowAccount, e: RefundPaid) -> None:
    refund = a.refunds[e.refund_id]
    refund.in_flight_fen -= e.amount_fen
    refund.paid_fen += e.amount_fen
    instruction = a.instructions[e.instruction_id]
    instruction.state, instruction.maker = "paid", ""
    moved_on(a.contracts[refund.contract_id], e.effective_on)
    close_refund(a, e.refund_id, refund)


def _reopen_route(a: EscrowAccount, e: RefundRejected | RefundReturned) -> None:
    """What did not arrive may go along the same payment's route again."""
    refund = a.refunds[e.refund_id]
    reference = a.instructions.pop(e.instruction_id).payment_reference
    refund.returns[reference] = refund.returns.get(reference, 0) + 1
    a.contracts[refund.contract_id].payments[reference].refunded_fen -= e.amount_fen


def _refund_rejected(a: EscrowAccount, e: RefundRejected) -> None:
    _reopen_route(a, e)
    a.refunds[e.refund_id].in_flight_fen -= e.amount_fen


def _refund_returned(a: EscrowAccount, e: RefundReturned) -> None:
    _reopen_route(a, e)
    refund = a.refunds[e.refund_id]
    refund.paid_fen -= e.amount_fen
    if refund.state == "paid":
        refund.state = "agreed"
    a.unpaid_refunds[e.refund_id] = True
    if a.wind_down is not None and refund.paid_fen < a.wind_down.claimed.get(e.refund_id, 0):
        a.wind_down.claimed[e.refund_id] = refund.paid_fen  # what was paid before is claimed again
    moved_on(a.contracts[refund.contract_id], e.effective_on)


def _withdrawn(a: EscrowAccount, e: RefundWithdrawn) -> None:
    refund = a.refunds[e.refund_id]
    refund.state = "withdrawn"
    refund.final = True
    close_refund(a, e.refund_id, refund)


def _overdue(a: EscrowAccount, e: RefundOverdue) -> None:
    a.refunds[e.refund_id].overdue.append(e.step)


REFUNDS: Handlers = {
    RefundRequested: _requested,
    RefundQuoted: _quoted,
    RefundContested: _contested,
    RefundAgreed: _agreed,
    RefundInstructed: _instructed,
    RefundPaid: _refund_paid,
    RefundRejected: _refund_rejected,
    RefundReturned: _refund_returned,
    RefundWithdrawn: _withdrawn,
    RefundOverdue: _overdue,
}
