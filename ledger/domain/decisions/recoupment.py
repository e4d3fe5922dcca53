"""Earned money pays back advances before anything else."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.events import AdvanceRecouped


def recoup(account: EscrowAccount, command: Command, context: Context, *, newly_earned_fen: int) -> Decision:
    """The recoupment that follows when `newly_earned_fen` are earned while an advance is outstanding."""
    amount_fen = min(account.buckets.advance, account.buckets.earned + newly_earned_fen)
    if amount_fen <= 0:
        return []
    return [AdvanceRecouped(**context.envelope(command), amount_fen=amount_fen)]
