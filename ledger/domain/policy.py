"""The policy of an account: the choices that law and regulator leave open, as one typed argument of decisions."""

from collections.abc import Mapping
from datetime import date, time
from functools import cached_property
from typing import Literal, Protocol

import msgspec

from ledger.domain.errors import LedgerError
from ledger.domain.events import GiftValuation

MinimumFormula = Literal["fixed", "rolling_share", "one_cycle"]
Custody = Literal["bank", "risk_deposit"]
Confirmation = Literal["immediate", "confirmed"]
DualControl = Literal["none", "payouts", "all"]
PayoutSchedule = Literal["on_request", "per_lesson", "weekly", "monthly", "after_order"]
Enforcement = Literal["off", "alert", "refuse"]
BarredDay = Literal["weekend", "public_holiday", "school_holiday"]


class Period(msgspec.Struct, frozen=True):
    """A length of time: working days, or calendar days."""

    count: int
    unit: Literal["working_days", "days"] = "working_days"


class Policy(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a policy pack decides on one day. Shares are in basis points, amounts in fen; 0 or empty is no limit.

    `pack` and `version` go into every event that a rule decided. Each field names its rule of the rulebook.
    """

    pack: str = "default"
    version: str = "1"
    enforcement: Mapping[str, Enforcement] = {}
    """What happens beyond a limit, by rule id, where the pack chooses: refused (if it does not say), or an alert."""

    custody: Custody = "bank"
    """custody.mode: fees lie at the bank, or with the institution against a risk deposit (风险保证金)."""

    fee_cap_months: int = 0
    """fee.cap_months: months that one charge may span."""
    fee_cap_lessons: int = 0
    """fee.cap_lessons: lessons of one charge, gifts counted."""
    fee_cap_amount_fen: int = 0
    """fee.cap_amount: one charge of a course that is not academic."""
    fee_split_days: int = 30
    """fee.cap_*: contracts of one child and subject signed so close together, or overlapping, are one charge."""
    fee_earliest_months: int = 0
    """fee.too_early: months before the course starts, from which a charge may be taken."""
    fee_earliest_lessons: int = 0
    """fee.too_early: lessons left of the running charge, from which the next may be taken."""
    fee_notice: bool = False
    """fee.notice: a charge needs a published fee notice and may not exceed it."""
    fee_guide_price_fen: int = 0
    """fee.guide_price: a standard academic lesson."""
    fee_guide_ceiling_bp: int = 0
    """fee.guide_price: what may be taken above the guide price."""
    fee_standard_minutes: int = 45
    """fee.guide_price: the standard lesson; others pro rata."""
    fee_unit_slip: int = 0
    """fee.unit_slip: an amount exactly so many times, or that part of, the expected; 0: none."""
    contract_models: tuple[str, ...] = ()
    """contract.model: versions of the model contract, one of which a contract has to follow."""
    fee_loans_refused: bool = False
    """fee.training_loan: a payment out of a training loan is refused."""
    cash_sweep_days: int = 0
    """cash.sweep: days in which cash taken must be in the account."""
    offbook_limit_fen: int = 0
    """offbook.revocation: privately collected fees, once or in all, that cost the licence."""

    confirmation: Confirmation = "immediate"
    """lesson.deemed_after: a delivered lesson is drawn at once, or when the family confirms it or is silent."""
    deemed_after: Period = Period(15)
    """lesson.deemed_after: the family's silence that counts as a confirmation."""
    holding_days: int = 0
    """lesson.deemed_holding: working days that a draw stays reversible before it may be paid out."""
    leave_notice_days: int = 0
    """lesson.leave: calendar days before a lesson by which leave must be asked; 0: up to its day."""
    lesson_latest_end: time | None = None
    """lesson.latest_end: no lesson ends later."""
    lesson_barred_days: tuple[BarredDay, ...] = ()
    """lesson.barred_days: no academic training on such days."""

    refund_answer: Period = Period(5)
    """refund.deemed_agreed_after: the institution's silence after which a refund is agreed."""
    refund_before_start: Period = Period(10)
    """refund.before_start: from agreement to payment, when no lesson was drawn."""
    refund_after_start: Period = Period(10)
    """refund.after_start: from agreement to payment, when lessons were drawn."""
    cooling_off_days: int = 0
    """refund.cooling_off: calendar days from a payment in which it comes back in full."""
    gift_valuation: GiftValuation = "ratio"
    """refund.gift: how gift lessons share the price."""
    refund_decision: Period | None = None
    """refund.decision: the regulator's time to decide a contested refund; None: no clock."""
    refund_lowball_fen: int = 1
    """refund.lowball: how far an offer may be below the quote before it is one."""
    discount_kept: bool = True
    """refund.discount: what was used counts at the discounted price (art. 23); else the list price is charged."""
    time_cards_by_time: bool = False
    """refund.unlimited_card: a card for a time comes back by the time left (art. 26)."""

    minimum_formula: MinimumFormula = "fixed"
    """minimum.*: fixed by the regulator; a share of fees of rolling months; all fees of one charging cycle."""
    minimum_share_bp: int = 0
    """minimum.rolling_share: the share of the fees received."""
    minimum_months: int = 3
    """minimum.rolling_share, reserve.one_cycle: the calendar months that are added up."""
    minimum_rating_bp: Mapping[str, int] = {}
    """minimum.*: what a rating makes of the minimum; others leave it (10000)."""
    minimum_listing_bp: Mapping[str, int] = {}
    """minimum.*: the same for a listing."""
    top_up: Period = Period(0, "days")
    """shortfall.top_up: until when a demanded top-up is due."""
    top_up_cover: bool = False
    """shortfall.top_up: what left without an instruction is demanded too, as far as families' money is short."""

    payout_schedule: PayoutSchedule = "on_request"
    """payout.schedule: who asks for payouts, and when."""
    payout_within: Period = Period(7, "days")
    """payout.schedule: the time from the end of the schedule's span, or of the whole order, to the payout."""
    payout_minimum_multiple: int = 0
    """payout.multiple_of_minimum: a month's payouts and advances in minimum balances."""
    payment_dual_control: DualControl = "none"
    """payment.dual_control: which orders to the bank a second person has to approve."""
    advance_share_bp: int = 0
    """advance.share: cost advances as a share of eligible unconsumed fees; 0: none."""
    advance_cap_fen: int = 0
    """advance.share: cost advances outstanding in all."""

    suspense_return_after_days: int = 0
    """suspense.return_after: calendar days after which the clock sends back what nobody claims; 0: never."""
    suspense_return_notice_days: int = 0
    """suspense.return_after: calendar days ahead that it announces the return."""

    large_movement_bp: int = 1_000
    """movement.large_share: a movement above this share of the balance raises `movement.large`."""
    movement_notice_days: int = 0
    """movement.notice: working days ahead that a large withdrawal is announced."""
    offbook_share_bp: int = 7_000
    """fee.off_book: received against expected inflow; less, for so many periods, raises the alert."""
    offbook_periods: int = 2
    """fee.off_book."""
    silent_share_bp: int = 4_000
    """lesson.silent: the share of deemed draws above which the alert is raised."""
    silent_days: int = 30
    """lesson.silent: the days that are looked at."""
    quick_confirmation_s: int = 60
    """lesson.silent: a confirmation so soon after the lesson was recorded counts as silent."""
    silent_least: int = 20
    """lesson.silent: fewer draws in those days are no share to speak of."""
    device_families: int = 3
    """lesson.silent: contracts confirmed from one device in those days; more raise the alert."""
    runaway_days: int = 90
    """institution.runaway: the days in which its signs add up."""
    round_trip_days: int = 10
    """movement.round_trip: days before and after the end of a month between a payment and its refund."""
    break_due: Period = Period(1)
    """bank.break: until when a difference from the bank's statement is to be explained."""
    alert_response: Period = Period(1)
    """alert.response: until when somebody acts on an alert before it is escalated."""
    alert_silence_days: int = 90
    """alert.silence: the longest silence of an alert."""
    closure_notice_months: int = 0
    """closure.notice: months ahead that a planned closure is notified."""

    case_acceptance: Period = Period(7)
    """case.acceptance: from a complaint to the word whether it is taken up."""
    case_investigation: Period = Period(15)
    """case.investigation: from a clue, or a reopened case, to what was found."""
    case_inspection: Period = Period(20)
    """case.inspection: from an inspection's task to the inspection, if the task names no day."""
    case_mediation: Period = Period(45)
    """case.mediation: from the start of a mediation to its end."""
    case_decision: Period = Period(20)
    """case.decision: from the start of the decision to what is decided."""
    case_rectification: Period = Period(30, "days")
    """case.rectification: what the institution has to put right, if the demand names no day."""
    case_recheck: Period = Period(10)
    """case.recheck: until what was not put right is looked at again."""
    case_from_alerts: tuple[str, ...] = ()
    """case.from_alert: rules whose alerts open a case by the clock."""
    inspection_weights: Mapping[str, int] = {}
    """inspection.weights: points of each published count in the weight of an institution in a draw."""

    max_packages: int = 20
    max_lessons: int = 2_000
    max_class: int = 500
    contract_retention_days: int = 30
    """Calendar days for which an empty contract is kept: after its last movement, since what was paid may come back
    from the bank and a lesson may be corrected, and for the daily close after its last day too."""

    @property
    def name(self) -> str:
        """Pack and version as recorded in events, e.g. `default@1`."""
        return f"{self.pack}@{self.version}"

    @cached_property
    def judges_receipts(self) -> bool:
        """Whether a receipt for a contract can go beyond any rule at all."""
        return bool(
            self.fee_cap_months
            or self.fee_cap_lessons
            or self.fee_cap_amount_fen
            or self.fee_notice
            or self.fee_unit_slip
            or self.fee_loans_refused
            or self.fee_earliest_months
            or self.fee_earliest_lessons
            or self.fee_guide_price_fen
        )

    def enforces(self, rule: str) -> Enforcement:
        """What happens beyond the limit of a rule that has one."""
        return self.enforcement.get(rule, "refuse")


DEFAULT_POLICY = Policy()
"""Escrow and nothing else: lessons drawn at once, no limits; what a pack's rules add to."""


class Policies(Protocol):
    """The law: which policy a pack has on a day."""

    def of(self, pack: str, on: date) -> Policy:
        """Raises `policy_unknown`."""
        ...


class FixedPolicies:
    """Policies that are the same on every day."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._policies = policies

    def of(self, pack: str, on: date) -> Policy:
        policy = self._policies.get(pack)
        if policy is None:
            raise LedgerError("policy_unknown", pack=pack)
        return policy


DEFAULT_POLICIES = FixedPolicies({DEFAULT_POLICY.pack: DEFAULT_POLICY})
