"""Decisions about refunds: asked and quoted at once, answered, ordered, sent to the bank."""

from ledger.domain.account import EscrowAccount, Refund
from ledger.domain.commands import (
    AnswerRefund,
    Command,
    InstructRefund,
    OrderRefund,
    RequestRefund,
    WithdrawRefund,
)
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.contracts import open_contract
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AgreedBy,
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundLeg,
    RefundQuoted,
    RefundRequested,
    RefundWithdrawn,
)
from ledger.domain.money import require_fen
from ledger.domain.original_route import RoutePlan
from ledger.domain.refund_solver import quote, spread_over_packages


def request_refund(account: EscrowAccount, command: RequestRefund, context: Context) -> Decision:
    """The request and its quote.

    Refuses `contract_not_found`, `refund_exists`, `refund_open`, `refund_nothing_left`.
    """
    contract = open_contract(account, command.contract_id)
    if command.refund_id in account.refunds:
        raise LedgerError("refund_exists", refund_id=command.refund_id)
    if contract.open_refund:
        raise LedgerError("refund_open", contract_id=command.contract_id, refund_id=contract.open_refund)
    if contract.prepaid_fen == 0:
        raise LedgerError("refund_nothing_left", contract_id=command.contract_id)
    policy = context.policy_of(account, command)
    basis, lines = quote(contract)
    rule = "refund.after_start" if basis == "unconsumed" else "refund.before_start"
    return [
        RefundRequested(
            **context.ruled(command, policy, "refund.deemed_agreed_after"),
            refund_id=command.refund_id,
            contract_id=command.contract_id,
            reason=command.reason,
            answer_due_on=context.deadline(command, policy.refund_answer),
        ),
        RefundQuoted(
            **context.ruled(command, policy, rule),
            refund_id=command.refund_id,
            basis=basis,
            amount_fen=sum(line.refund_fen for line in lines),
            lines=lines,
        ),
    ]


def find_refund(account: EscrowAccount, refund_id: str) -> Refund:
    """The refund; raises `refund_not_found`."""
    refund = account.refunds.get(refund_id)
    if refund is None:
        raise LedgerError("refund_not_found", refund_id=refund_id)
    return refund


def agree(
    account: EscrowAccount,
    command: Command,
    context: Context,
    plan: RoutePlan,
    *,
    refund_id: str,
    amount_fen: int,
    by: AgreedBy,
    final: bool,
) -> Decision:
    """The amount becomes owed and, when the cash suffices, goes to the bank at once along the original routes."""
    refund = account.refunds[refund_id]
    contract = account.contracts[refund.contract_id]
    policy = context.policy_of(account, command)
    pay_due_on = context.deadline(command, policy.refund_after_start)
    agreed = RefundAgreed(
        **context.ruled(command, policy, "refund.after_start"),
        refund_id=refund_id,
        contract_id=refund.contract_id,
        amount_fen=amount_fen,
        lines=spread_over_packages(contract, amount_fen),
        by=by,
        pay_due_on=pay_due_on,
        final=final,
    )
    legs = plan.legs(refund_id, contract, refund.to_instruct_fen + amount_fen)
    return [agreed, *_instructed(context, command, account, refund_id, legs)]


def _instructed(
    context: Context, command: Command, account: EscrowAccount, refund_id: str, legs: tuple[RefundLeg, ...]
) -> Decision:
    if not legs:
        return []
    policy = context.policy_of(account, command)
    return [RefundInstructed(**context.ruled(command, policy, "refund.original_route"), refund_id=refund_id, legs=legs)]


def instruct_again(
    account: EscrowAccount, command: Command, context: Context, plan: RoutePlan, refund_id: str
) -> Decision:
    """Send what is agreed and not on its way; nothing when the cash does not suffice."""
    refund = account.refunds[refund_id]
    legs = plan.legs(refund_id, account.contracts[refund.contract_id], refund.to_instruct_fen)
    return _instructed(context, command, account, refund_id, legs)


def answer_refund(account: EscrowAccount, command: AnswerRefund, context: Context) -> Decision:
    """Agreed in full, or contested with an offer below the quote, which is undisputed and paid at once.

    Refuses `refund_not_found`, `refund_not_waiting`, `refund_offer_wrong`.
    """
    refund = find_refund(account, command.refund_id)
    if refund.state != "requested":
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    plan = RoutePlan(account)
    if command.agree:
        return agree(
            account,
            command,
            context,
            plan,
            refund_id=command.refund_id,
            amount_fen=refund.quoted_fen,
            by="institution",
            final=True,
        )
    if not 0 <= command.offered_fen < refund.quoted_fen:
        raise LedgerError("refund_offer_wrong", offered_fen=command.offered_fen, quoted_fen=refund.quoted_fen)
    contested = RefundContested(
        **context.envelope(command),
        refund_id=command.refund_id,
        offered_fen=command.offered_fen,
        reason=command.reason,
    )
    if command.offered_fen == 0:
        return [contested]
    undisputed = agree(
        account,
        command,
        context,
        plan,
        refund_id=command.refund_id,
        amount_fen=command.offered_fen,
        by="institution",
        final=False,
    )
    return [contested, *undisputed]


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
    unconsumed_fen = account.contracts[refund.contract_id].prepaid_fen
    if more_fen < 0:
        raise LedgerError("refund_offer_wrong", offered_fen=command.amount_fen, quoted_fen=refund.agreed_fen)
    if more_fen > unconsumed_fen:
        raise LedgerError(
            "refund_above_unconsumed", amount_fen=command.amount_fen, unconsumed_fen=unconsumed_fen + refund.agreed_fen
        )
    return agree(
        account,
        command,
        context,
        RoutePlan(account),
        refund_id=command.refund_id,
        amount_fen=more_fen,
        by="order",
        final=True,
    )


def instruct_refund(account: EscrowAccount, command: InstructRefund, context: Context) -> Decision:
    """Refuses `refund_not_found`, `refund_not_waiting` (nothing to send), `cash_short`."""
    refund = find_refund(account, command.refund_id)
    if refund.to_instruct_fen <= 0:
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    plan = RoutePlan(account)
    cash_fen = plan.cash_fen
    events = instruct_again(account, command, context, plan, command.refund_id)
    if not events:
        raise LedgerError("cash_short", amount_fen=refund.to_instruct_fen, cash_fen=cash_fen)
    return events


def withdraw_refund(account: EscrowAccount, command: WithdrawRefund, context: Context) -> Decision:
    """Refuses `refund_not_found`, `refund_not_waiting` once the whole amount is agreed."""
    refund = find_refund(account, command.refund_id)
    if refund.state not in ("requested", "contested"):
        raise LedgerError("refund_not_waiting", refund_id=command.refund_id, state=refund.state)
    return [RefundWithdrawn(**context.envelope(command), refund_id=command.refund_id, reason=command.reason)]
