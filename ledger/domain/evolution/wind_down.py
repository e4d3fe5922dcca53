"""Evolution of an institution's end: noticed, wound up, its families' claims given what there is."""

from ledger.domain.account import EscrowAccount
from ledger.domain.events import (
    ClaimAllocated,
    ClaimRecorded,
    ClosureNotified,
    DistributionOpened,
    WindDownClosed,
    WindDownStarted,
)
from ledger.domain.evolution.account import Handlers
from ledger.domain.pro_rata import allocate
from ledger.domain.wind_down import uncovered
from ledger.domain.wind_down_state import WindDown


def _notified(a: EscrowAccount, e: ClosureNotified) -> None:
    a.closes_on = e.closes_on


def _started(a: EscrowAccount, e: WindDownStarted) -> None:
    a.wind_down = WindDown(started_on=e.effective_on)
    for refund_id in a.unpaid_refunds:
        refund = a.refunds[refund_id]
        # What is at the bank goes on; anything else waits for its share.
        refund.allocated_fen = refund.in_flight_fen + refund.paid_fen


def _wind_down(a: EscrowAccount) -> WindDown:
    assert a.wind_down is not None, "a wind-down was started before its steps"
    return a.wind_down


def _recorded(a: EscrowAccount, e: ClaimRecorded) -> None:
    claimed = _wind_down(a).claimed
    for claim in e.claims:
        refund = a.refunds[claim.refund_id]
        claimed[claim.refund_id] = refund.agreed_fen - claim.claim_fen
        refund.allocated_fen = refund.given_fen
        refund.goes_on = a.contracts[claim.contract_id].continuity is not None


def _opened(a: EscrowAccount, e: DistributionOpened) -> None:
    wind_down = _wind_down(a)
    wind_down.distributions = e.number
    wind_down.shares = allocate(e.amount_fen, uncovered(a))
    wind_down.closed_on = None


def _allocated(a: EscrowAccount, e: ClaimAllocated) -> None:
    shares = _wind_down(a).shares
    for line in e.lines:
        refund = a.refunds[line.refund_id]
        refund.allocated_fen = refund.given_fen + line.allocated_fen
        del shares[line.refund_id]
        for part in line.kept:
            a.contracts[line.contract_id].payments[part.payment_reference].kept_fen -= part.amount_fen


def _closed(a: EscrowAccount, e: WindDownClosed) -> None:
    _wind_down(a).closed_on = e.effective_on


WIND_DOWN: Handlers = {
    ClosureNotified: _notified,
    WindDownStarted: _started,
    ClaimRecorded: _recorded,
    DistributionOpened: _opened,
    ClaimAllocated: _allocated,
    WindDownClosed: _closed,
}
