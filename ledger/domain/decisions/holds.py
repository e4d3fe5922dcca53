"""Decisions about money that stays: minimum balance, top-ups, holds."""

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import is_suspended
from ledger.domain.commands import CloseDay, Command, HoldFunds, ReleaseHold, SetMinimumBalance
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import FundsHeld, HoldReleased, MinimumBalanceHeld, TopUpDemanded, TopUpMet, TopUpOverdue
from ledger.domain.minimum_balance import minimum_balance, shortfall
from ledger.domain.money import MAX_FEN, require_fen, require_total

TOP_UP = "shortfall.top_up"


def demand_top_up(account: EscrowAccount, command: Command, context: Context, minimum_fen: int) -> Decision:
    """A demand when money is missing, its changes, and its end when nothing is missing any more.

    An open demand keeps its due day: what is missing may change from day to day, the institution's time does not
    begin anew.
    """
    policy = context.policy_of(account, command)
    missing = shortfall(account, policy, minimum_fen)
    if missing.amount_fen and missing.amount_fen != account.top_up_due_fen:
        due_on, term = account.top_up_due_on, account.top_up_term
        if due_on is None:
            due_on, term = context.clock(command, policy.top_up)
        return [
            TopUpDemanded(
                **context.ruled(command, policy, TOP_UP),
                amount_fen=missing.amount_fen,
                due_on=due_on,
                minimum_fen=missing.minimum_fen,
                cover_fen=missing.cover_fen,
                term=term,
            )
        ]
    if not missing.amount_fen and account.top_up_due_fen:
        return [TopUpMet(**context.envelope(command), cash_fen=account.buckets.cash)]
    return []


def set_minimum_balance(account: EscrowAccount, command: SetMinimumBalance, context: Context) -> Decision:
    """The regulator's figure, times the policy's factors of rating and listing; what is missing is demanded at once.

    Zero takes the minimum away. Refuses `amount_not_positive`, `amount_too_large`, and `minimum_not_fixed` where the
    policy works it out.
    """
    if command.amount_fen < 0:
        raise LedgerError("amount_not_positive", amount_fen=command.amount_fen)
    if command.amount_fen > MAX_FEN:
        raise LedgerError("amount_too_large", amount_fen=command.amount_fen, limit_fen=MAX_FEN)
    policy = context.policy_of(account, command)
    if policy.minimum_formula != "fixed":
        raise LedgerError("minimum_not_fixed", formula=policy.minimum_formula)
    minimum = minimum_balance(account, policy, command.effective_on, fixed_fen=command.amount_fen)
    if command.amount_fen == account.minimum_fixed_fen and minimum.amount_fen == account.minimum_balance_fen:
        return []
    held = MinimumBalanceHeld(
        **context.ruled(command, policy, minimum.rule),
        amount_fen=minimum.amount_fen,
        formula=minimum.formula,
        inputs=minimum.inputs,
    )
    return [held, *demand_top_up(account, command, context, minimum.amount_fen)]


def hold_funds(account: EscrowAccount, command: HoldFunds, context: Context) -> Decision:
    """Refuses `hold_exists`, `total_too_large`. A hold may exceed what is earned: it then holds future lessons too."""
    require_total(account.held_fen + require_fen(command.amount_fen))
    if command.hold_id in account.holds:
        raise LedgerError("hold_exists", hold_id=command.hold_id)
    return [
        FundsHeld(
            **context.envelope(command),
            hold_id=command.hold_id,
            amount_fen=command.amount_fen,
            reason=command.reason,
        )
    ]


def release_hold(account: EscrowAccount, command: ReleaseHold, context: Context) -> Decision:
    """Refuses `hold_not_found`."""
    amount_fen = account.holds.get(command.hold_id)
    if amount_fen is None:
        raise LedgerError("hold_not_found", hold_id=command.hold_id)
    return [
        HoldReleased(**context.envelope(command), hold_id=command.hold_id, amount_fen=amount_fen, reason=command.reason)
    ]


def assess_minimum(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: the minimum balance that fees, rating, listing and policy make now, when it changes."""
    if account.wind_down is not None:
        return []
    if account.minimum_held_on is not None and account.minimum_held_on > command.effective_on:
        return []
    policy = context.policy_of(account, command)
    minimum = minimum_balance(account, policy, command.effective_on, fixed_fen=account.minimum_fixed_fen)
    if minimum.amount_fen == account.minimum_balance_fen:
        return []
    return [
        MinimumBalanceHeld(
            **context.ruled(command, policy, minimum.rule),
            amount_fen=minimum.amount_fen,
            formula=minimum.formula,
            inputs=minimum.inputs,
        )
    ]


def assess_top_up(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: the demand that follows from the account as it stands, and its lateness, once."""
    if account.wind_down is not None:
        return []
    events = demand_top_up(account, command, context, account.minimum_balance_fen)
    due_on = account.top_up_due_on
    if due_on is None or due_on >= command.effective_on or account.top_up_overdue:
        return events
    if any(isinstance(event, TopUpMet) for event in events) or is_suspended(account, command.effective_on):
        return events
    policy = context.policy_of(account, command)
    missing = shortfall(account, policy, account.minimum_balance_fen)
    return [
        *events,
        TopUpOverdue(**context.ruled(command, policy, TOP_UP), amount_fen=missing.amount_fen, due_on=due_on),
    ]
