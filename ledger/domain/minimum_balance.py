"""The minimum balance (最低余额) by its formulas, and what is missing for it and for families' money."""

from datetime import date
from typing import NamedTuple

from ledger.domain.account import EscrowAccount
from ledger.domain.money import MAX_FEN, WHOLE_BP, share_up
from ledger.domain.policy import MinimumFormula, Policy

RULES: dict[MinimumFormula, str] = {
    "fixed": "minimum.fixed",
    "rolling_share": "minimum.rolling_share",
    "one_cycle": "reserve.one_cycle",
}
"""The rulebook's rule of each formula."""


class Minimum(NamedTuple):
    """A minimum balance in fen, the rule that says it, and the figures that it was worked out from."""

    amount_fen: int
    formula: MinimumFormula
    rule: str
    inputs: dict[str, int]


class Shortfall(NamedTuple):
    """What is missing, in fen: for the minimum balance, and of families' money. The greater is demanded."""

    minimum_fen: int
    cover_fen: int

    @property
    def amount_fen(self) -> int:
        """What has to come in so that nothing is missing."""
        return max(self.minimum_fen, self.cover_fen)


def minimum_balance(account: EscrowAccount, policy: Policy, on: date, *, fixed_fen: int) -> Minimum:
    """The minimum balance on that day; `fixed_fen` is what the regulator fixed.

    - `fixed`: what the regulator fixed (rule minimum.fixed)
    - `rolling_share`: a share of the fees received in the latest calendar months (rule minimum.rolling_share)
    - `one_cycle`: all fees of one charging cycle, the same months (rule reserve.one_cycle)

    Factors of the rating and of the listing multiply it. It is rounded up once, after everything.
    """
    factors = {
        "rating_bp": policy.minimum_rating_bp.get(account.rating, WHOLE_BP),
        "listing_bp": policy.minimum_listing_bp.get(account.listing, WHOLE_BP),
    }
    formula = policy.minimum_formula
    shares = list(factors.values())
    inputs: dict[str, int]
    match formula:
        case "fixed":
            base_fen, inputs = fixed_fen, {"fixed_fen": fixed_fen}
        case "rolling_share":
            base_fen = fees_received_fen(account, policy.minimum_months, on)
            shares.append(policy.minimum_share_bp)
            inputs = {"fees_fen": base_fen, "months": policy.minimum_months, "share_bp": policy.minimum_share_bp}
        case "one_cycle":
            base_fen = fees_received_fen(account, policy.minimum_months, on)
            inputs = {"fees_fen": base_fen, "months": policy.minimum_months}
    inputs |= {name: factor for name, factor in factors.items() if factor != WHOLE_BP}
    return Minimum(min(MAX_FEN, share_up(base_fen, *shares)), formula, RULES[formula], inputs)


def fees_received_fen(account: EscrowAccount, months: int, on: date) -> int:
    """Families' fees of so many calendar months, the running one included; refunds are not taken off."""
    running = on.year * 12 + on.month - 1
    names = (f"{month // 12:04}-{month % 12 + 1:02}" for month in range(running - months + 1, running + 1))
    return sum(account.fees_received.get(name, 0) for name in names)


def shortfall(account: EscrowAccount, policy: Policy, minimum_fen: int) -> Shortfall:
    """What is missing now for a minimum balance, and (policy `top_up_cover`) of families' money; never negative.

    In risk-deposit mode the minimum is the institution's own money: the reserve must reach it, not families' cash.
    Families' money is missing where cash, less what is promised to the institution, is below what families and
    unknown payers are owed, less what the law lets lie elsewhere: cost advances, and fees kept against a deposit.
    Cash that the bank does not have, by an open break of the reconciliation, is not counted.
    """
    b = account.buckets
    cash_fen = b.cash - account.unconfirmed_fen
    own_fen = min(cash_fen, b.reserve) if policy.custody == "risk_deposit" else cash_fen
    owed_fen = b.obligation_fen + b.suspense - b.advance - b.held_by_institution - b.in_transit
    cover_fen = owed_fen - (cash_fen - b.payout_in_flight) if policy.top_up_cover else 0
    return Shortfall(max(0, minimum_fen - own_fen), max(0, cover_fen))
