"""Events of an institution's end: its planned closure, the wind-down, what each family claims and gets."""

from datetime import date
from typing import Literal

from ledger.domain.events.base import Event, Value, topic
from ledger.domain.events.kept_fees import PaymentAmount
from ledger.domain.events.refunds import QuoteLine

WindDownBy = Literal["order", "closure"]


@topic("account.closure_notified")
class ClosureNotified(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution will close on `closes_on` and returns all unconsumed fees; no contract runs beyond that day.

    The law's notice would allow `earliest_on` at the earliest; an earlier day is recorded where the pack says alert.
    """

    closes_on: date
    earliest_on: date
    reason: str


@topic("account.wind_down_started")
class WindDownStarted(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution is wound up, by order or since its planned closure came.

    From here on nothing is taught, signed, paid in or paid out to the institution. The figures (fen) are the account's
    as of this event: what families are owed (`obligation_fen`), receipts of unknown payers, the cash, what of it is
    promised to the institution, what lies outside, and what the institution owns in it (`earned_fen`, `reserve_fen`).
    """

    by: WindDownBy
    reason: str
    contracts: int
    pending_lessons: int
    cash_fen: int
    obligation_fen: int
    suspense_fen: int
    payout_in_flight_fen: int
    exposure_fen: int
    earned_fen: int
    reserve_fen: int


class ClaimRoute(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The part of a claim that goes back for one payment, along the opaque `route` of the account that paid."""

    payment_reference: str
    route: str
    amount_fen: int


class Claim(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a family is owed on one contract, by one refund: `claim_fen`, of which `under_way_fen` was given before:
    it was at the bank, or came back from there.

    `lines` are the arithmetic of each package (empty for a refund that was agreed before), `routes` where all of it
    goes, newest payment first.
    """

    contract_id: str
    family_id: str
    refund_id: str
    claim_fen: int
    under_way_fen: int = 0
    lines: tuple[QuoteLine, ...] = ()
    routes: tuple[ClaimRoute, ...] = ()


@topic("account.claim_recorded")
class ClaimRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One page of families' claims on an account that is wound up."""

    claims: tuple[Claim, ...]


@topic("account.distribution_opened")
class DistributionOpened(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """So much is shared among all claims, as far as they are not covered: pro rata by largest remainder.

    `available_fen` is the cash that nobody else has a right to; `claims_fen` what `claims` refunds still lack. Who gets
    what follows, page by page.
    """

    number: int
    available_fen: int
    amount_fen: int
    claims_fen: int
    claims: int


class Allocation(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What one claim gets of a distribution: `allocated_fen`, where `uncovered_fen` were missing.

    `kept` names the payments of it that the institution had kept: this account's money stands in for them.
    """

    contract_id: str
    refund_id: str
    uncovered_fen: int
    allocated_fen: int
    kept: tuple[PaymentAmount, ...] = ()


@topic("account.claim_allocated")
class ClaimAllocated(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One page of a distribution. `from_reserve_fen` of the risk deposit settle what the institution had kept."""

    distribution: int
    lines: tuple[Allocation, ...]
    from_reserve_fen: int = 0


@topic("account.wind_down_closed")
class WindDownClosed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The wind-down is done: what families claimed, were paid, took to other institutions, and lost (fen).

    `held_fen` is what families have been given and the banks could not deliver: it stays for them, and `reason` says
    why. `institution_fen` is what is left for the institution, which is nothing while `lost_fen` is not nothing. Money
    that comes later opens the wind-down again.
    """

    contracts: int
    claims_fen: int
    paid_fen: int
    transferred_fen: int
    held_fen: int
    lost_fen: int
    institution_fen: int
    distributions: int
    reason: str
