"""The cost advance (按成本预拨): how much of families' unconsumed fees the institution may have before it teaches."""

from datetime import date
from typing import NamedTuple

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.money import share_down
from ledger.domain.policy import Policy


class CostAdvance(NamedTuple):
    """The terms, in fen: `available = max(0, min(limit - outstanding, safe))`.

    - `eligible`: fees paid to the account and not consumed, of contracts that run, without an open refund and
      without the lessons that their families dispute.
    - `limit`: the policy's share of them, rounded down, and at most its cap (0: no cap) (rule advance.share); nothing
      once the institution has said that it closes.
    - `outstanding`: advances paid or under way and not recouped by lessons yet.
    - `safe`: what may leave at all: the cash that the bank has and that is not promised already, less the minimum
      balance or less what is owed to families and payers now (agreed refunds, receipts of unknown owners), whichever is
      more. Nothing is safe while families' money is short. While what is earned is not all there, because money left
      without an instruction, no more is than what is there of it: earnings recoup the advance at once, and families
      would be left with what is missing.
    """

    eligible_fen: int
    share_bp: int
    cap_fen: int
    limit_fen: int
    outstanding_fen: int
    safe_fen: int

    @property
    def available_fen(self) -> int:
        """What may be advanced now."""
        return max(0, min(self.limit_fen - self.outstanding_fen, self.safe_fen))


def cost_advance(account: EscrowAccount, policy: Policy, on: date) -> CostAdvance:
    """What may be advanced on that day."""
    b = account.buckets
    eligible_fen = sum(eligible_fees_fen(contract, on) for contract in account.contracts.values())
    limit_fen = share_down(eligible_fen, policy.advance_share_bp)
    if policy.advance_cap_fen:
        limit_fen = min(limit_fen, policy.advance_cap_fen)
    if account.closes_on is not None:
        limit_fen = 0
    cash_fen = b.cash - account.unconfirmed_fen - b.payout_in_flight
    covered_fen = cash_fen - (b.obligation_fen + b.suspense - b.advance)
    safe_fen = cash_fen - max(account.minimum_balance_fen, b.refund_payable + b.suspense)
    if covered_fen < b.earned:
        safe_fen = min(safe_fen, covered_fen)
    return CostAdvance(
        eligible_fen, policy.advance_share_bp, policy.advance_cap_fen, limit_fen, b.advance, max(0, safe_fen)
    )


def eligible_fees_fen(contract: Contract, on: date) -> int:
    """What of one contract's unconsumed fees counts for an advance."""
    if not contract.starts_on <= on <= contract.ends_on or contract.open_refund:
        return 0
    if any(payment.kept_fen for payment in contract.payments.values()):
        return 0
    disputed_fen = sum(pending.amount_fen for pending in contract.pending.values() if pending.disputed)
    return contract.prepaid_fen - disputed_fen
