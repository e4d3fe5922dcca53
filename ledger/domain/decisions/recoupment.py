"""Earned money pays back what the institution had too early before anything else."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.events import AdvanceRecouped, KeptFeesConsumed


def recoup(account: EscrowAccount, command: Command, context: Context, *, newly_earned_fen: int) -> Decision:
    """The recoupment that follows when lessons earn `newly_earned_fen`: advances first, then fees kept already."""
    recouped = recoup_advance(account, command, context, newly_earned_fen=newly_earned_fen)
    kept_fen = account.buckets.held_by_institution
    if kept_fen == 0:
        return recouped
    earned_fen = account.buckets.earned + newly_earned_fen
    consumed_fen = min(kept_fen, earned_fen - min(account.buckets.advance, earned_fen))
    if consumed_fen <= 0:
        return recouped
    return [*recouped, KeptFeesConsumed(**context.envelope(command), amount_fen=consumed_fen)]


def recoup_advance(account: EscrowAccount, command: Command, context: Context, *, newly_earned_fen: int) -> Decision:
    """The same for money that is earned otherwise (a released reserve, a failed payout): only advances are recouped."""
    amount_fen = min(account.buckets.advance, account.buckets.earned + newly_earned_fen)
    if amount_fen <= 0:
        return []
    return [AdvanceRecouped(**context.envelope(command), amount_fen=amount_fen)]
