"""What the daily close does about refunds: silence agrees, lateness is marked, what waits for cash is sent."""

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import is_suspended, refund_clocks
from ledger.domain.commands import CloseDay
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.refund_agreement import Agreements
from ledger.domain.events import ClockName, RefundOverdue, RefundStep

AUTOMATIC_RETURNS = 1
"""A leg that came back is sent again so often; then the regulator has to act."""
STEPS: dict[ClockName, RefundStep] = {"refund.payment": "payment", "refund.decision": "decision"}
"""The steps that are late when their day has passed; an answer is given by silence instead."""


def close_refunds(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """Silent refunds are agreed, late steps marked, waiting refunds sent, oldest first.

    While the clocks stand still nothing lapses, but what is agreed is sent.
    """
    if not account.unpaid_refunds:
        return []
    agreements = Agreements(account, command, context)
    # In a wind-down nothing is late or silent: what is given is sent.
    running = not is_suspended(account, command.effective_on) and account.wind_down is None
    # By id, which is by age: a refund that came back is no younger for it.
    for refund_id in sorted(account.unpaid_refunds):
        refund = account.refunds[refund_id]
        late = {clock.name: clock for clock in refund_clocks(refund_id, refund) if clock.due_on < command.effective_on}
        if running and "refund.answer" in late:
            agreements.agree(refund_id, refund.quoted_fen, by="silence", final=True)
            continue
        for name, step in STEPS.items() if running else ():
            if name in late and step not in refund.overdue:
                rule = _rule_of(account, refund_id, step)
                agreements.record(
                    RefundOverdue(
                        **context.ruled(command, agreements.policy, rule),
                        refund_id=refund_id,
                        step=step,
                        due_on=late[name].due_on,
                    )
                )
        if refund.to_instruct_fen > 0 and max(refund.returns.values(), default=0) <= AUTOMATIC_RETURNS:
            agreements.send(refund_id)
    return agreements.events


def _rule_of(account: EscrowAccount, refund_id: str, step: RefundStep) -> str:
    if step == "decision":
        return "refund.decision"
    contract = account.contracts[account.refunds[refund_id].contract_id]
    started = any(package.drawn_lessons for package in contract.packages)
    return "refund.after_start" if started else "refund.before_start"
