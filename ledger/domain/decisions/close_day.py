"""The daily close of one account: what happens by silence or lapse of time. The same date twice changes nothing."""

from datetime import timedelta

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import CloseDay
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.contracts import has_open_refund, kept_until
from ledger.domain.decisions.holds import demand_top_up
from ledger.domain.decisions.refunds import agree, instruct_again
from ledger.domain.events import ContractEnded, RefundOverdue
from ledger.domain.original_route import RoutePlan


def close_day(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """Silent refunds are agreed, late payments marked, waiting refunds sent, the minimum balance looked at,
    and long finished empty contracts ended. Never refuses."""
    events: Decision = []
    plan = RoutePlan(account)
    # By id, which is by age: a refund that came back is no younger for it.
    for refund_id in sorted(account.unpaid_refunds):
        events += _close_refund(account, command, context, plan, refund_id)
    events += demand_top_up(account, command, context, account.minimum_balance_fen)
    policy = context.policy_of(account)
    last_day = command.effective_on - timedelta(days=policy.contract_retention_days)
    finished = [
        contract.contract_id
        for contract in account.contracts.values()
        if contract.ends_on < last_day
        and contract.prepaid_fen == 0
        and (kept_until(contract, policy) or contract.ends_on) < command.effective_on
        and not has_open_refund(account, contract)
    ]
    events += [
        ContractEnded(**context.envelope(command), contract_id=contract_id, reason="past its end, empty")
        for contract_id in sorted(finished)
    ]
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
                **context.ruled(command, context.policy_of(account), "refund.after_start"),
                refund_id=refund_id,
                step="payment",
                due_on=refund.pay_due_on,
            )
        )
    if refund.to_instruct_fen > 0 and max(refund.returns.values(), default=0) <= 1:
        events += instruct_again(account, command, context, plan, refund_id)
    return events
