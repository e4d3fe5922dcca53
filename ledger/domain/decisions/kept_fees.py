"""Decisions in risk-deposit mode: fees that the institution keeps, and refunds paid by it or out of its deposit."""

from typing import Any

from ledger.domain.account import Contract, EscrowAccount, Refund
from ledger.domain.commands import DrawReserve, RecordInstitutionRefund, ReportKeptFee
from ledger.domain.decisions.context import Context, Decision, require_not_winding_down
from ledger.domain.decisions.contracts import open_contract, require_not_amended
from ledger.domain.decisions.money_in import fill_packages
from ledger.domain.decisions.receipts import kept_findings
from ledger.domain.decisions.refunds import find_refund
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    FeeKeptByInstitution,
    PaymentAmount,
    RefundInstructed,
    RefundPaidByInstitution,
    ReserveDrawn,
)
from ledger.domain.evolution import evolve
from ledger.domain.money import require_fen, require_total
from ledger.domain.original_route import RoutePlan

MODE = "custody.mode"


def report_kept_fee(account: EscrowAccount, command: ReportKeptFee, context: Context) -> Decision:
    """Refuses `fee_not_kept` under bank custody, `account_blacklisted`, `contract_not_found`, `kept_fee_exists`,
    `contract_overpaid`, `contract_amended`, `contract_paid_after`, and wrong amounts.

    What the charge goes beyond is recorded with it: the institution has the money already, and not to record that would
    hide it.
    """
    policy = context.policy_of(account, command)
    require_not_winding_down(account)
    if policy.custody != "risk_deposit":
        raise LedgerError("fee_not_kept")
    if account.listing == "black":
        raise LedgerError("account_blacklisted")
    require_total(account.buckets.assets_fen + require_fen(command.amount_fen))
    contract = open_contract(account, command.contract_id)
    require_not_amended(contract)
    if contract.billing != "prepaid":
        raise LedgerError("contract_paid_after", contract_id=command.contract_id)
    payment_reference = f"kept/{command.receipt_no}"
    if payment_reference in contract.payments:
        raise LedgerError("kept_fee_exists", contract_id=command.contract_id, receipt_no=command.receipt_no)
    lines = fill_packages(contract, command.amount_fen)
    due_fen = sum(line.amount_fen for line in lines)
    if due_fen < command.amount_fen:
        raise LedgerError("contract_overpaid", due_fen=due_fen, amount_fen=command.amount_fen)
    findings = kept_findings(account, contract, policy, on=command.effective_on, amount_fen=command.amount_fen)
    return [
        FeeKeptByInstitution(
            **context.ruled(command, policy, MODE, *(finding.rule for finding in findings)),
            contract_id=command.contract_id,
            amount_fen=command.amount_fen,
            lines=lines,
            payment_reference=payment_reference,
            payer_route=command.payer_route,
            findings=findings,
        )
    ]


def record_institution_refund(account: EscrowAccount, command: RecordInstitutionRefund, context: Context) -> Decision:
    """Refuses `refund_not_found`, `contract_not_found`, `refund_not_with_institution`, and wrong amounts."""
    refund, contract = _refund_and_contract(account, command.refund_id)
    lines = _lines_with_institution(refund, contract, command.refund_id, command.amount_fen)
    return [
        RefundPaidByInstitution(
            **context.ruled(command, context.policy_of(account, command), MODE),
            refund_id=command.refund_id,
            lines=lines,
            document=command.document,
            **_settled(account, command.amount_fen),
        )
    ]


def draw_reserve(account: EscrowAccount, command: DrawReserve, context: Context) -> Decision:
    """Pay what the institution owes of a refund out of its deposit: drawn, and sent to the bank at once.

    Refuses `refund_not_found`, `contract_not_found`, `refund_not_with_institution`, `reserve_too_small`, `cash_short`.
    """
    require_not_winding_down(account)
    refund, contract = _refund_and_contract(account, command.refund_id)
    lines = _lines_with_institution(refund, contract, command.refund_id, command.amount_fen)
    if command.amount_fen > account.buckets.reserve:
        raise LedgerError("reserve_too_small", reserve_fen=account.buckets.reserve, amount_fen=command.amount_fen)
    drawn = ReserveDrawn(
        **context.ruled(command, context.policy_of(account, command), MODE),
        refund_id=command.refund_id,
        lines=lines,
        reason=command.reason,
        **_settled(account, command.amount_fen),
    )
    after = account.copy()
    evolve(after, drawn)
    plan = RoutePlan(after)
    cash_fen = plan.cash_fen
    refund, contract = _refund_and_contract(after, command.refund_id)
    legs = plan.legs(command.refund_id, contract, refund.to_instruct_fen)
    if not legs:
        raise LedgerError("cash_short", amount_fen=command.amount_fen, cash_fen=cash_fen)
    policy = context.policy_of(account, command)
    said = context.ruled(command, policy, "refund.original_route", *control_rules(policy, "refund"))
    approval = needs_approval(policy, "refund")
    return [drawn, RefundInstructed(**said, refund_id=command.refund_id, legs=legs, needs_approval=approval)]


def _refund_and_contract(account: EscrowAccount, refund_id: str) -> tuple[Refund, Contract]:
    refund = find_refund(account, refund_id)
    return refund, open_contract(account, refund.contract_id)


def _lines_with_institution(
    refund: Refund, contract: Contract, refund_id: str, amount_fen: int
) -> tuple[PaymentAmount, ...]:
    """The payments, newest first, that the amount goes back for; raises `refund_not_with_institution`."""
    require_fen(amount_fen)
    lines: list[PaymentAmount] = []
    left_fen, to_pay_fen = amount_fen, refund.agreed_fen - refund.in_flight_fen - refund.paid_fen
    kept_fen = 0
    for reference, payment in reversed(contract.payments.items()):
        part_fen = min(to_pay_fen, payment.amount_fen - payment.refunded_fen)
        to_pay_fen -= part_fen
        with_institution_fen = min(part_fen, payment.kept_fen)
        kept_fen += with_institution_fen
        line_fen = min(left_fen, with_institution_fen)
        if line_fen > 0:
            lines.append(PaymentAmount(payment_reference=reference, amount_fen=line_fen))
            left_fen -= line_fen
    if left_fen:
        raise LedgerError("refund_not_with_institution", refund_id=refund_id, amount_fen=amount_fen, kept_fen=kept_fen)
    return tuple(lines)


def _settled(account: EscrowAccount, amount_fen: int) -> dict[str, Any]:
    """What the institution's payment takes off: what it keeps, then advances; the rest it is owed back."""
    from_held_fen = min(amount_fen, account.buckets.held_by_institution)
    from_advance_fen = min(amount_fen - from_held_fen, account.buckets.advance)
    return {
        "amount_fen": amount_fen,
        "from_held_fen": from_held_fen,
        "from_advance_fen": from_advance_fen,
        "to_earned_fen": amount_fen - from_held_fen - from_advance_fen,
    }
