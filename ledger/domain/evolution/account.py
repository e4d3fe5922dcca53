"""Evolution of the account itself and its holds."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from ledger.domain.account import EscrowAccount, Suspense
from ledger.domain.events import (
    AccountFrozen,
    AccountOpened,
    AccountUnfrozen,
    AuthorityChanged,
    Event,
    FundsHeld,
    HoldReleased,
    ListingChanged,
    MinimumBalanceHeld,
    OpeningBalanceImported,
    PolicyAssigned,
    RatingChanged,
    TopUpDemanded,
    TopUpMet,
    TopUpOverdue,
)

Handlers = dict[type[Event], Callable[[EscrowAccount, Any], None]]

KEPT_FEE_MONTHS = 24
"""Calendar months of fees kept for minimum balances that are a share of them."""


KEPT_EARNED_DAYS = 31
"""Days of earnings kept apart: a close that is later than these counts what they earned."""


@lru_cache(maxsize=1_024)
def _day(on: date) -> str:
    return on.isoformat()


@lru_cache(maxsize=1_024)
def _month(on: date) -> str:
    return on.isoformat()[:7]


def received(a: EscrowAccount, on: date, amount_fen: int) -> None:
    """A family's fee came in: at the bank, or with the institution."""
    month, fees = _month(on), a.fees_received
    fees[month] = fees.get(month, 0) + amount_fen
    if len(fees) > KEPT_FEE_MONTHS:
        del fees[min(fees)]


def earned_at_once(a: EscrowAccount, on: date, amount_fen: int) -> None:
    """The institution earned it, payable from that day on; below zero, it was taken back on that day."""
    day, earned = _day(on), a.payouts.earned_on
    total_fen = earned.get(day, 0) + amount_fen
    if total_fen:
        earned[day] = total_fen
        if len(earned) > KEPT_EARNED_DAYS:
            del earned[min(earned)]
    else:
        earned.pop(day, None)


def _opened(a: EscrowAccount, e: AccountOpened) -> None:
    a.institution_id, a.bank, a.account_no = e.institution_id, e.bank, e.account_no
    a.district, a.authorities, a.pack = e.district, e.authorities, e.pack


def _authority(a: EscrowAccount, e: AuthorityChanged) -> None:
    a.authorities = e.authorities


def _policy(a: EscrowAccount, e: PolicyAssigned) -> None:
    a.pack = e.pack


def _rating(a: EscrowAccount, e: RatingChanged) -> None:
    a.rating = e.rating


def _listing(a: EscrowAccount, e: ListingChanged) -> None:
    a.listing = e.listing


def _frozen(a: EscrowAccount, e: AccountFrozen) -> None:
    a.frozen.append(e.scope)


def _unfrozen(a: EscrowAccount, e: AccountUnfrozen) -> None:
    a.frozen.remove(e.scope)


def _opening(a: EscrowAccount, e: OpeningBalanceImported) -> None:
    if e.suspense_fen:
        a.suspense[e.suspense_id] = Suspense(amount_fen=e.suspense_fen, reference=e.suspense_id, route="")


def _minimum(a: EscrowAccount, e: MinimumBalanceHeld) -> None:
    a.minimum_balance_fen = e.amount_fen
    a.minimum_fixed_fen = e.inputs.get("fixed_fen", a.minimum_fixed_fen)
    a.minimum_held_on = e.effective_on


def _held(a: EscrowAccount, e: FundsHeld) -> None:
    a.holds[e.hold_id] = e.amount_fen
    a.held_fen += e.amount_fen


def _hold_released(a: EscrowAccount, e: HoldReleased) -> None:
    a.held_fen -= a.holds.pop(e.hold_id)


def _top_up(a: EscrowAccount, e: TopUpDemanded) -> None:
    a.top_up_due_fen, a.top_up_due_on, a.top_up_term = e.amount_fen, e.due_on, e.term


def _top_up_overdue(a: EscrowAccount, _: TopUpOverdue) -> None:
    a.top_up_overdue = True


def _top_up_met(a: EscrowAccount, _: TopUpMet) -> None:
    a.top_up_due_fen, a.top_up_due_on, a.top_up_term, a.top_up_overdue = 0, None, None, False


ACCOUNT: Handlers = {
    AccountOpened: _opened,
    AuthorityChanged: _authority,
    PolicyAssigned: _policy,
    RatingChanged: _rating,
    ListingChanged: _listing,
    AccountFrozen: _frozen,
    AccountUnfrozen: _unfrozen,
    OpeningBalanceImported: _opening,
    MinimumBalanceHeld: _minimum,
    FundsHeld: _held,
    HoldReleased: _hold_released,
    TopUpDemanded: _top_up,
    TopUpOverdue: _top_up_overdue,
    TopUpMet: _top_up_met,
}
