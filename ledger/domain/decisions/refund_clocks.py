"""What the daily close does about refunds: silence agrees, lateness is marked, what waits for cash is sent."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import CloseDay
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.refunds import agree, instruct_again
from ledger.domain.events import RefundOverdue
from ledger.domain.original_route import RoutePlan


def close_refunds(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """Silent refunds are agreed, late payments marked, waiting refunds sent, oldest first."""
    events: Decision = []
    plan = RoutePlan(account)
    # By id, which is by age: a refund that came back is no younger for it.
    for refund_id in sorted(account.unpaid_refunds):
        events += _close_refund(account, command, context, plan, refund_id)
    return events


def _close_refund(
    account: EscrowAccount, command: CloseDay, context: Context, plan: RoutePlan, refund_id: str
) -> Decision:
    refund = account.refunds[refund_id]
    today = command.effective_on
    if refund.state == "requested" and refund.answer_due_on is not None and refund.answer_due_on < today:
        return agree(
            account,
            command,
            context,
            plan,
            refund_id=refund_id,
            amount_fen=refund.quoted_fen,
            by="silence",
            final=True,
        )
    events: Decision = []
    owed = refund.agreed_fen > refund.paid_fen
    if owed and refund.pay_due_on is not None and refund.pay_due_on < today and "payment" not in refund.overdue:
        events.append(
            RefundOverdue(
                **context.ruled(command, context.policy_of(account, command), "refund.after_start"),
                refund_id=refund_id,
                step="payment",
                due_on=refund.pay_due_on,
            )
        )
    if refund.to_instruct_fen > 0 and max(refund.returns.values(), default=0) <= 1:
        events += instruct_again(account, command, context, plan, refund_id)
    return events
