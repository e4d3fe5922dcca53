"""What stops or limits every withdrawal of the institution, whoever asks for it: a payout, an advance, the clock."""

from datetime import date
from typing import NamedTuple

from ledger.domain.account import EscrowAccount
from ledger.domain.errors import LedgerError
from ledger.domain.minimum_balance import shortfall
from ledger.domain.money import WHOLE_BP, share_down
from ledger.domain.policy import Policy


class Month(NamedTuple):
    """A calendar month's limit on payouts and advances, and what is left of it (fen)."""

    limit_fen: int
    left_fen: int


def month_limit(account: EscrowAccount, policy: Policy, on: date) -> Month | None:
    """Rule payout.multiple_of_minimum; None without such a rule. A payout of an earlier month counts in the latest."""
    if not policy.payout_minimum_multiple:
        return None
    limit_fen = policy.payout_minimum_multiple * account.minimum_balance_fen
    paid_fen = account.payouts.month_fen if on.isoformat()[:7] <= account.payouts.month else 0
    return Month(limit_fen, max(0, limit_fen - paid_fen))


def large_fen(account: EscrowAccount, policy: Policy) -> int | None:
    """The largest withdrawal that needs no notice (rules movement.notice, movement.large_share); None: all are free."""
    if not policy.movement_notice_days or not policy.large_movement_bp:
        return None
    return share_down(account.buckets.cash, min(WHOLE_BP, policy.large_movement_bp))


def is_announced(account: EscrowAccount, amount_fen: int, on: date) -> bool:
    """Whether the open announcement covers the amount on that day."""
    announced = account.payouts.announcement
    return announced is not None and amount_fen <= announced.amount_fen and announced.payable_on <= on


def missing_fen(account: EscrowAccount, policy: Policy) -> int:
    """What must be topped up before the institution gets anything."""
    minimum_fen = 0 if account.wind_down is not None else account.minimum_balance_fen
    return shortfall(account, policy, minimum_fen).amount_fen


def limiting_rules(policy: Policy) -> tuple[str, ...]:
    """The rules that were asked."""
    rules: list[str] = []
    if policy.payout_minimum_multiple:
        rules.append("payout.multiple_of_minimum")
    if policy.movement_notice_days:
        rules.append("movement.notice")
    return tuple(rules)


def require_withdrawable(account: EscrowAccount, policy: Policy, on: date, amount_fen: int) -> bool:
    """Whether the withdrawal uses the open announcement.

    Raises `top_up_missing`, `payout_above_month`, `payout_not_announced`.
    """
    missing = missing_fen(account, policy)
    if missing:
        raise LedgerError("top_up_missing", missing_fen=missing)
    month = month_limit(account, policy, on)
    if month is not None and amount_fen > month.left_fen:
        raise LedgerError(
            "payout_above_month", amount_fen=amount_fen, limit_fen=month.limit_fen, left_fen=month.left_fen
        )
    free_of_notice = large_fen(account, policy)
    if free_of_notice is None or amount_fen <= free_of_notice:
        return False
    if not is_announced(account, amount_fen, on):
        raise LedgerError(
            "payout_not_announced", amount_fen=amount_fen, large_fen=free_of_notice, days=policy.movement_notice_days
        )
    return True
