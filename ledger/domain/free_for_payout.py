"""How much the institution may take out now, each term with its reason."""

from datetime import date
from typing import NamedTuple

from ledger.domain.account import EscrowAccount


class FreeForPayout(NamedTuple):
    """The terms of the formula, in fen.

    `free = max(0, min(releasable, cash - payout_in_flight - kept))`, where

    - `releasable = earned - unreleased - held`: lessons consumed, less those whose holding days run, those held by
      order and, for a day that passed, those of later days. The institution is never paid for lessons it has not
      earned.
    - `kept = max(obligation + suspense - advance, minimum_balance)`: families' money (their prepaid fees and
      agreed refunds), receipts of unknown owners, less what families' money was lent to the institution already
      (that part is not in the cash), and never less than the regulator's minimum balance.
    - `cash` is without what the bank does not have, by an open break of the reconciliation.
      What is in transit from another institution is no cash yet, though its families' money is kept for already.
    - `payout_in_flight` has been promised to the bank and is still in the cash.

    In a wind-down nothing is free while families are owed anything; then the minimum balance holds no more.
    """

    releasable_fen: int
    cash_fen: int
    payout_in_flight_fen: int
    kept_for_families_fen: int
    minimum_balance_fen: int
    free_fen: int


def free_for_payout(account: EscrowAccount, on: date) -> FreeForPayout:
    """What may be paid to the institution on that day."""
    b = account.buckets
    releasable = b.earned - account.unreleased_fen(on) - account.held_fen
    families = b.obligation_fen + b.suspense - b.advance
    minimum = 0 if account.wind_down is not None else account.minimum_balance_fen
    kept = max(families, minimum)
    cash = b.cash - account.unconfirmed_fen
    free = max(0, min(releasable, cash - b.payout_in_flight - kept))
    if account.wind_down is not None and b.obligation_fen:
        free = 0
    return FreeForPayout(releasable, cash, b.payout_in_flight, families, minimum, free)
