"""The daily close of one account: what happens by silence or lapse of time. The same date twice changes nothing.

A wind-down that is open goes on by itself, page after page (`ContinueWindDown`).
"""

from collections.abc import Callable
from datetime import timedelta

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import CloseDay
from ledger.domain.decisions.alerts import close_detection
from ledger.domain.decisions.cash import close_cash
from ledger.domain.decisions.clocks import recount_deadlines
from ledger.domain.decisions.closures import wind_down_closed_institution
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.continuity import send_transfers_again
from ledger.domain.decisions.contracts import billed_fen, cash_of, has_open_refund, kept_until
from ledger.domain.decisions.holds import assess_minimum, assess_top_up
from ledger.domain.decisions.lesson_confirmation import close_lessons
from ledger.domain.decisions.payouts import fall_due, pay_by_schedule
from ledger.domain.decisions.refund_clocks import close_refunds
from ledger.domain.decisions.releasing import finish_orders
from ledger.domain.decisions.suspense_returns import return_unclaimed
from ledger.domain.events import ContractEnded
from ledger.domain.evolution import evolve


def close_day(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """The steps in their order, each on the account as the ones before it leave it. Never refuses."""
    events: Decision = []
    current = account
    for step in STEPS:
        decided = step(current, command, context)
        if decided and current is account:
            current = account.copy()
        for event in decided:
            evolve(current, event)
        events += decided
    return events


def end_finished_contracts(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """Empty contracts long past their end leave the working state; not while families' claims are worked on."""
    if account.wind_down is not None:
        return []
    policy = context.policy_of(account, command)
    last_day = command.effective_on - timedelta(days=policy.contract_retention_days)
    finished = [
        contract.contract_id
        for contract in account.contracts.values()
        if contract.ends_on < last_day
        and contract.prepaid_fen == 0
        and not contract.pending
        and (kept_until(contract, policy) or contract.ends_on) < command.effective_on
        and not billed_fen(contract)
        and not has_open_refund(account, contract)
        and not cash_of(account, contract.contract_id)
    ]
    return [
        ContractEnded(**context.envelope(command), contract_id=contract_id, reason="past its end, empty")
        for contract_id in sorted(finished)
    ]


Step = Callable[[EscrowAccount, CloseDay, Context], Decision]
STEPS: tuple[Step, ...] = (
    close_detection,
    recount_deadlines,
    close_lessons,
    wind_down_closed_institution,
    close_refunds,
    send_transfers_again,
    return_unclaimed,
    close_cash,
    assess_minimum,
    assess_top_up,
    finish_orders,
    fall_due,
    pay_by_schedule,
    end_finished_contracts,
)
