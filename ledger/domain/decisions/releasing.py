"""From when a drawn lesson may be paid out: at once, after the holding days, or after the whole order."""

from datetime import date

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.commands import CloseDay, Command
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.events import OrderFinished
from ledger.domain.evolution.payouts import ORDER_END
from ledger.domain.policy import Period, Policy


def releasable_on(policy: Policy, context: Context, command: Command, *, holding_days: int) -> date:
    """The day of a draw made now; `ORDER_END` where the policy pays after the whole order (rule payout.schedule)."""
    if policy.payout_schedule == "after_order":
        return ORDER_END
    if holding_days > 0:
        return context.deadline(command, Period(holding_days))
    return command.effective_on


def finish_orders(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: the draws of finished orders become payable after the policy's time.

    Draws of contracts that left the account before are released alike. An account whose policy changed keeps what it
    drew under the old one waiting for the end of its order.
    """
    waiting_fen = account.unreleased.get(ORDER_END.isoformat(), 0)
    if not waiting_fen:
        return []
    finished: list[tuple[str, int]] = []
    for contract_id, contract in sorted(account.contracts.items()):
        drawn_fen = sum(draw.amount_fen for draw in contract.draws.values() if draw.releasable_on == ORDER_END)
        waiting_fen -= drawn_fen
        if drawn_fen and _is_finished(contract, command.effective_on):
            finished.append((contract_id, drawn_fen))
    if waiting_fen > 0:
        finished.append(("", waiting_fen))
    policy = context.policy_of(account, command)
    return [
        OrderFinished(
            **context.ruled(command, policy, "payout.schedule"),
            contract_id=contract_id,
            amount_fen=amount_fen,
            releasable_on=context.deadline(command, policy.payout_within),
        )
        for contract_id, amount_fen in finished
    ]


def _is_finished(contract: Contract, on: date) -> bool:
    """Nothing is prepaid or asked back any more, and no lesson is to come."""
    if contract.prepaid_fen or contract.pending or contract.open_refund:
        return False
    is_taught = all(p.upcoming_lesson() is None or p.refunded_fen for p in contract.packages)
    return is_taught or contract.ends_on < on
