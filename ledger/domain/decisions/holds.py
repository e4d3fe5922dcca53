"""Decisions about money that stays: minimum balance, holds, top-ups."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import CloseDay, Command, HoldFunds, ReleaseHold, SetMinimumBalance
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import FundsHeld, HoldReleased, MinimumBalanceHeld, TopUpDemanded, TopUpMet
from ledger.domain.money import MAX_FEN, require_fen, require_total


def demand_top_up(account: EscrowAccount, command: Command, context: Context, minimum_fen: int) -> Decision:
    """A demand when cash is below the minimum (due the same day), and its end when it is not any more."""
    missing_fen = minimum_fen - account.buckets.cash
    if missing_fen > 0 and missing_fen != account.top_up_due_fen:
        policy = context.policy_of(account, command)
        return [
            TopUpDemanded(
                **context.ruled(command, policy, "shortfall.top_up"),
                amount_fen=missing_fen,
                due_on=command.effective_on,
            )
        ]
    if missing_fen <= 0 and account.top_up_due_fen:
        return [TopUpMet(**context.envelope(command), cash_fen=account.buckets.cash)]
    return []


def set_minimum_balance(account: EscrowAccount, command: SetMinimumBalance, context: Context) -> Decision:
    """Record the minimum with its formula and inputs, and demand what is missing. Zero takes it away."""
    if command.amount_fen < 0:
        raise LedgerError("amount_not_positive", amount_fen=command.amount_fen)
    if command.amount_fen > MAX_FEN:
        raise LedgerError("amount_too_large", amount_fen=command.amount_fen, limit_fen=MAX_FEN)
    if command.amount_fen == account.minimum_balance_fen:
        return []
    held = MinimumBalanceHeld(
        **context.ruled(command, context.policy_of(account, command), "minimum.fixed"),
        amount_fen=command.amount_fen,
        formula="fixed",
        inputs={"fixed_fen": command.amount_fen},
    )
    return [held, *demand_top_up(account, command, context, command.amount_fen)]


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


def assess_top_up(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: the demand that follows from the minimum balance as it stands."""
    return demand_top_up(account, command, context, account.minimum_balance_fen)
