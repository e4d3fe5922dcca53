"""The rows of the view of claims: an institution's end, and what each family claims in it."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.domain.events import ClaimRoute, QuoteLine, WindDownBy

WindDownState = Literal["notified", "winding_down", "closed"]


class ClaimRow(msgspec.Struct, gc=False):
    """What a family is owed on a contract by one refund (fen): `claim_fen`, of which `allocated_fen` was given so far.

    Of what was given `paid_fen` are paid and `transferred_fen` went on to another institution (`to_account_id`,
    `to_contract_id`); `in_flight_fen` are at the bank now. `bounced_fen` is what banks refused or sent back, over all
    `bounces`. `lines` are the arithmetic of each package, `routes` where the claim goes, newest payment first, by
    opaque tokens. `given_before_fen` was at the bank when the wind-down began.
    """

    account_id: str
    refund_id: str
    partition: int
    position: int
    ordinal: int
    contract_id: str
    family_id: str
    claim_fen: int
    given_before_fen: int
    allocated_fen: int
    lines: list[QuoteLine]
    routes: list[ClaimRoute]
    recorded_on: date
    updated_position: int
    updated_at: datetime
    in_flight_fen: int = 0
    paid_fen: int = 0
    transferred_fen: int = 0
    bounced_fen: int = 0
    bounces: int = 0
    to_account_id: str = ""
    to_contract_id: str = ""

    @property
    def uncovered_fen(self) -> int:
        """What was claimed and not given: lost, once the wind-down is closed."""
        return self.claim_fen - self.allocated_fen


class Distribution(msgspec.Struct, gc=False):
    """One distribution: what was there, what is shared among how many claims (fen), and how many have their share."""

    number: int
    opened_on: date
    available_fen: int
    amount_fen: int
    claims_fen: int
    claims: int
    handed_out: int = 0
    allocated_fen: int = 0


class WindDownRow(msgspec.Struct, gc=False):
    """An institution's end: its notice, its wind-down as of the event `started_version`, what came of it (fen).

    The figures from `cash_fen` to `reserve_fen` are those of that event. The totals of claims grow as they are
    recorded, given, paid and transferred; those of `closed` are the closing report's.
    """

    account_id: str
    partition: int
    position: int
    state: WindDownState
    updated_position: int
    updated_at: datetime
    closes_on: date | None = None
    earliest_on: date | None = None
    notified_on: date | None = None
    notice_reason: str = ""
    by: WindDownBy | None = None
    reason: str = ""
    started_on: date | None = None
    started_at: datetime | None = None
    started_version: int = 0
    contracts: int = 0
    pending_lessons: int = 0
    cash_fen: int = 0
    obligation_fen: int = 0
    suspense_fen: int = 0
    payout_in_flight_fen: int = 0
    exposure_fen: int = 0
    earned_fen: int = 0
    reserve_fen: int = 0
    claims: int = 0
    claims_fen: int = 0
    allocated_fen: int = 0
    paid_fen: int = 0
    transferred_fen: int = 0
    from_reserve_fen: int = 0
    distributions: list[Distribution] = []
    closed_on: date | None = None
    held_fen: int = 0
    lost_fen: int = 0
    institution_fen: int = 0
    closing_reason: str = ""


class OfferRow(msgspec.Struct, gc=False):
    """The institution of `account_id` goes on for families of `from_account_id` who accept by `until_on`."""

    account_id: str
    offer_id: str
    partition: int
    position: int
    from_account_id: str
    course_id: str
    lesson_minutes: int
    ends_on: date
    until_on: date
    offered_on: date
