"""Evolution of fees that the institution keeps, and of refunds paid out of them or out of the risk deposit."""

from ledger.domain.account import EscrowAccount, Payment
from ledger.domain.events import FeeKeptByInstitution, RefundPaidByInstitution, ReserveDrawn
from ledger.domain.evolution.account import Handlers, received
from ledger.domain.evolution.lessons import moved_on
from ledger.domain.evolution.refunds import close_refund


def _kept(a: EscrowAccount, e: FeeKeptByInstitution) -> None:
    received(a, e.effective_on, e.amount_fen)
    contract = a.contracts[e.contract_id]
    moved_on(contract, e.effective_on)
    for line in e.lines:
        contract.packages[line.package - 1].paid_fen += line.amount_fen
    contract.prepaid_fen += e.amount_fen
    contract.payments[e.payment_reference] = Payment(
        route=e.payer_route,
        amount_fen=e.amount_fen,
        kept_fen=e.amount_fen,
        paid_on=e.effective_on,
        lines={str(line.package): line.amount_fen for line in e.lines},
    )


def _paid(a: EscrowAccount, e: RefundPaidByInstitution) -> None:
    refund = a.refunds[e.refund_id]
    contract = a.contracts[refund.contract_id]
    for line in e.lines:
        payment = contract.payments[line.payment_reference]
        payment.kept_fen -= line.amount_fen
        payment.refunded_fen += line.amount_fen
    refund.paid_fen += e.amount_fen
    if refund.allocated_fen is not None:  # a wind-down need not give what the institution paid itself
        refund.allocated_fen = max(refund.allocated_fen, refund.paid_fen + refund.in_flight_fen)
    moved_on(contract, e.effective_on)
    close_refund(a, e.refund_id, refund)


def _drawn(a: EscrowAccount, e: ReserveDrawn) -> None:
    """The drawn part of each payment lies at the bank from now on, so that the bank can send it back."""
    contract = a.contracts[a.refunds[e.refund_id].contract_id]
    for line in e.lines:
        contract.payments[line.payment_reference].kept_fen -= line.amount_fen


KEPT_FEES: Handlers = {FeeKeptByInstitution: _kept, RefundPaidByInstitution: _paid, ReserveDrawn: _drawn}
