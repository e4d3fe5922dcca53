"""Decisions about refunds: asked and quoted at once, answered, ordered, sent to the bank."""

from typing import Any

from ledger.domain.account import EscrowAccount, Refund
from ledger.domain.commands import (
    AnswerRefund,
    InstructRefund,
    OrderRefund,
    RequestRefund,
    WithdrawRefund,
)
from ledger.domain.decisions.context import Context, Decision, require_not_winding_down
from ledger.domain.decisions.contracts import open_contract
from ledger.domain.decisions.refund_agreement import Agreements
from ledger.domain.errors import LedgerError
from ledger.domain.events import RefundContested, RefundQuoted, RefundRequested, RefundWithdrawn
from ledger.domain.money import require_fen
from ledger.domain.refund_solver import Quote, capacity_fen, had_service_before, quote


def request_refund(account: EscrowAccount, command: RequestRefund, context: Context) -> Decision:
    """The request and its quote.

    Refuses `account_winding_down` (the wind-down makes the claims itself), `contract_not_found`, `refund_exists`,
    `refund_open`, `refund_nothing_left`.
    """
    require_not_winding_down(account)
    contract = open_contract(account, command.contract_id)
    if command.refund_id in account.refunds:
        raise LedgerError("refund_exists", refund_id=command.refund_id)
    if contract.open_refund:
        raise LedgerError("refund_open", contract_id=command.contract_id, refund_id=contract.open_refund)
    policy = context.policy_of(account, command)
    best = quote_refund(account, command, context)
    answer_due_on, answer_term = context.clock(command, policy.refund_answer)
    return [
        RefundRequested(
            **context.ruled(command, policy, "refund.deemed_agreed_after"),
            refund_id=command.refund_id,
            contract_id=command.contract_id,
            reason=command.reason,
            answer_due_on=answer_due_on,
            answer_term=answer_term,
            ground=command.ground,
        ),
        RefundQuoted(
            **context.ruled(command, policy, *best.rules),
            refund_id=command.refund_id,
            basis=best.basis,
            amount_fen=best.amount_fen,
            lines=best.lines,
            bases=best.bases,
            same_service_before=best.same_service_before,
        ),
    ]


def quote_refund(account: EscrowAccount, command: RequestRefund, context: Context) -> Quote:
    """The quote that the request would get now; nothing is recorded. Refuses `contract_not_found`,
    `refund_nothing_left`."""
    contract = open_contract(account, command.contract_id)
    policy = context.policy_of(account, command)
    had_before = command.same_service_before
    if policy.cooling_off_days and not had_before:  # nobody else asks, and it looks at all contracts
        had_before = had_service_before(account, contract)
    best = quote(contract, policy, on=command.effective_on, ground=command.ground, had_before=had_before)
    if best.amount_fen == 0:
        raise LedgerError("refund_nothing_left", contract_id=command.contract_id)
    return best


def find_refund(account: EscrowAccount, refund_id: str) -> Refund:
    """The refund; raises `refund_not_found`."""
    refund = account.refunds.get(refund_id)
    if refund is None:
        raise LedgerError("refund_not_found", refund_id=refund_id)
    return refund


def answer_refund(account: EscrowAccount, command: AnswerRefund, context: Context) -> Decision:
    """Agreed in full, or contested with an offer below the quote, which is undisputed and paid at once.

    Refuses `refund_not_found`, `refund_not_waiting`, `refund_offer_wrong`.
    """
    refund = find_refund(account, command.refund_id)
    if refund.state != "requested":
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    agreements = Agreements(account, command, context)
    if command.agree:
        agreements.agree(command.refund_id, refund.quoted_fen, by="institution", final=True)
        return agreements.events
    if not 0 <= command.offered_fen < refund.quoted_fen:
        raise LedgerError("refund_offer_wrong", offered_fen=command.offered_fen, quoted_fen=refund.quoted_fen)
    agreements.record(_contested(account, command, context, refund))
    if command.offered_fen:
        agreements.agree(command.refund_id, command.offered_fen, by="institution", final=False)
    return agreements.events


def _contested(account: EscrowAccount, command: AnswerRefund, context: Context, refund: Refund) -> RefundContested:
    policy = context.policy_of(account, command)
    rules: list[str] = []
    clock: dict[str, Any] = {}
    if policy.refund_decision is not None:
        rules.append("refund.decision")
        due_on, term = context.clock(command, policy.refund_decision)
        clock = {"decision_due_on": due_on, "decision_term": term}
    if refund.quoted_fen - command.offered_fen > policy.refund_lowball_fen:
        rules.append("refund.lowball")
    said = context.ruled(command, policy, *rules) if rules else context.envelope(command)
    return RefundContested(
        **said,
        **clock,
        refund_id=command.refund_id,
        offered_fen=command.offered_fen,
        reason=command.reason,
        quoted_fen=refund.quoted_fen,
    )


def order_refund(account: EscrowAccount, command: OrderRefund, context: Context) -> Decision:
    """The regulator's amount, final.

    Refuses `amount_not_positive`, `refund_not_found`, `refund_not_waiting`, `refund_above_unconsumed`, and
    `refund_offer_wrong` for less than was agreed.
    """
    require_fen(command.amount_fen)
    refund = find_refund(account, command.refund_id)
    if refund.state not in ("requested", "contested"):
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    more_fen = command.amount_fen - refund.agreed_fen
    if more_fen < 0:
        raise LedgerError("refund_offer_wrong", offered_fen=command.amount_fen, quoted_fen=refund.agreed_fen)
    most_fen = capacity_fen(account.contracts[refund.contract_id], refund)
    if more_fen > most_fen:
        raise LedgerError(
            "refund_above_unconsumed", amount_fen=command.amount_fen, unconsumed_fen=most_fen + refund.agreed_fen
        )
    agreements = Agreements(account, command, context)
    agreements.agree(command.refund_id, more_fen, by="order", final=True, case_id=command.case_id)
    return agreements.events


def instruct_refund(account: EscrowAccount, command: InstructRefund, context: Context) -> Decision:
    """Refuses `refund_not_found`, `refund_not_waiting` (nothing to send), `cash_short`."""
    refund = find_refund(account, command.refund_id)
    if refund.to_instruct_fen <= 0:
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    agreements = Agreements(account, command, context)
    cash_fen = agreements.plan.cash_fen
    agreements.send(command.refund_id)
    if not agreements.events:
        raise LedgerError("cash_short", amount_fen=refund.to_instruct_fen, cash_fen=cash_fen)
    return agreements.events


def withdraw_refund(account: EscrowAccount, command: WithdrawRefund, context: Context) -> Decision:
    """Refuses `refund_not_found`, `refund_not_waiting` once the whole amount is agreed."""
    refund = find_refund(account, command.refund_id)
    if refund.state not in ("requested", "contested"):
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    return [RefundWithdrawn(**context.envelope(command), refund_id=command.refund_id, reason=command.reason)]
