"""The working state of one escrow account: what its events add up to, kept small by dropping ended contracts."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from ledger.domain.break_state import OpenBreak
from ledger.domain.continuity_state import ContinuityChoice, ContinuityOffer, TransferIn, TransferOut
from ledger.domain.events import (
    FIRST_DETECTION,
    Billing,
    Category,
    DetectionParameters,
    GiftValuation,
    InstructionKind,
    Listing,
    Term,
)
from ledger.domain.fee_state import FeeState, ProposedAmendment
from ledger.domain.lesson_state import MissedLesson, PendingLesson
from ledger.domain.money import cumulative_floor
from ledger.domain.payout_state import PayoutState
from ledger.domain.postings import Posting
from ledger.domain.wind_down_state import WindDown

RefundState = Literal["requested", "contested", "agreed", "paid", "withdrawn"]
InstructionState = Literal["pending", "approved", "exported", "paid"]


class Buckets(msgspec.Struct, kw_only=True):
    """The account's balances in fen, by bucket: five assets, then six liabilities."""

    cash: int = 0
    advance: int = 0
    held_by_institution: int = 0
    shortage: int = 0
    in_transit: int = 0
    prepaid: int = 0
    earned: int = 0
    payout_in_flight: int = 0
    refund_payable: int = 0
    reserve: int = 0
    suspense: int = 0

    def add(self, posting: Posting) -> None:
        """Apply one posting."""
        setattr(self, posting.bucket, getattr(self, posting.bucket) + posting.amount_fen)

    @property
    def assets_fen(self) -> int:
        """Everything the account has or is owed."""
        return self.cash + self.exposure_fen

    @property
    def liabilities_fen(self) -> int:
        """Everything the account owes; always equal to `assets_fen`."""
        return self.prepaid + self.earned + self.payout_in_flight + self.refund_payable + self.reserve + self.suspense

    @property
    def obligation_fen(self) -> int:
        """U: what families are owed, prepaid and refunds."""
        return self.prepaid + self.refund_payable

    @property
    def exposure_fen(self) -> int:
        """X: what families' money stands behind outside the account."""
        return self.advance + self.shortage + self.held_by_institution + self.in_transit

    @property
    def loss_if_closed_today_fen(self) -> int:
        """What families would lose if the institution closed now."""
        return max(0, self.obligation_fen + self.suspense - self.cash)


class Draw(msgspec.Struct, frozen=True):
    """One drawn lesson of a contract. `releasable_on` is None for a draw that was payable at once."""

    package: int
    lesson: int
    amount_fen: int
    releasable_on: date | None
    deemed: bool = False
    """Whether the family's silence drew it: then it may dispute the draw before `releasable_on`."""
    billed_fen: int = 0
    """What the family was billed for it, beside `amount_fen` out of its prepaid money."""


class PackageState(msgspec.Struct, kw_only=True):
    """One package: its terms, what was paid, drawn and refunded, and which lesson is next."""

    number: int
    price_fen: int
    paid_lessons: int
    gift_lessons: int
    paid_fen: int = 0
    list_price_fen: int = 0
    time_card: bool = False
    drawn_fen: int = 0
    refunded_fen: int = 0
    charged_fen: int = 0
    """What a refund left to the institution beyond the lessons drawn."""
    billed_fen: int = 0
    """Taught and not paid yet, where the family pays after the lesson."""
    drawn_lessons: int = 0
    reserved_fen: int = 0
    """Prepaid, but kept for delivered lessons that wait for the family's word."""
    reserved_lessons: int = 0
    next_lesson: int = 1
    reopened: list[int] = []

    @property
    def lessons(self) -> int:
        """Paid and gift lessons together."""
        return self.paid_lessons + self.gift_lessons

    @property
    def prepaid_fen(self) -> int:
        """Paid and neither drawn nor refunded nor charged."""
        return self.paid_fen - self.drawn_fen - self.refunded_fen - self.charged_fen

    @property
    def unreserved_fen(self) -> int:
        """Prepaid and not kept for a delivered lesson: what may be drawn, refunded or carried over now."""
        return self.prepaid_fen - self.reserved_fen

    def upcoming_lesson(self) -> int | None:
        """The number of the next lesson: a reversed one first; None when all are drawn or wait to be."""
        if self.reopened:
            return self.reopened[0]
        return self.next_lesson if self.next_lesson <= self.lessons else None

    def lesson_value_fen(self, lesson: int, valuation: GiftValuation) -> int:
        """What the `lesson`-th lesson draws: `E(k) - E(k-1)` with `E(k) = floor(P * k / N)`."""
        parts = self.lessons if valuation == "ratio" else self.paid_lessons
        return cumulative_floor(self.price_fen, parts, lesson) - cumulative_floor(self.price_fen, parts, lesson - 1)


class Payment(msgspec.Struct, kw_only=True, gc=False):
    """One payment of a contract, and how much of it goes back along its route."""

    route: str
    amount_fen: int
    refunded_fen: int = 0
    kept_fen: int = 0
    """What of it the institution has: the bank cannot send that back."""
    paid_on: date | None = None
    lines: dict[str, int] = {}
    """What it paid of each package (fen), by the package's number."""


class Contract(msgspec.Struct, kw_only=True):
    """One open contract."""

    contract_id: str
    contract_no: str
    family_id: str
    starts_on: date
    ends_on: date
    gift_valuation: GiftValuation
    packages: list[PackageState]
    category: Category = "other"
    student_id: str = ""
    course_id: str = ""
    subject: str = ""
    lesson_minutes: int = 45
    billing: Billing = "prepaid"
    signed_on: date | None = None
    """The day of the signature; of an amended contract that of the first one, by which caps are counted."""
    charged_from: date | None = None
    """The first day of what is charged: of an amended contract that of the first one."""
    charged_lessons: int = 0
    """Lessons of the charge that were taught before it was amended into this contract."""
    charged_fen: int = 0
    """What they took of it."""
    moved_to: str = ""
    """The contract that this one was amended into."""
    continuity: ContinuityChoice | None = None
    """Where the family goes on when the institution closes."""
    amendment: ProposedAmendment | None = None
    """What the institution proposes and the family may accept."""
    first_drawn_on: date | None = None
    """The day of the first lesson drawn."""
    payments: dict[str, Payment] = {}
    """By the bank's reference, oldest first."""
    draws: dict[str, Draw] = {}
    pending: dict[str, PendingLesson] = {}
    """Delivered lessons that wait for the family's word, by lesson; disputed ones among them."""
    missed: dict[str, MissedLesson] = {}
    """Lessons that are never drawn here, by lesson."""
    open_refund: str | None = None
    prepaid_fen: int = 0
    last_moved_on: date | None = None
    """The latest day of a payment, a draw or its reversal, or an agreed, paid or returned refund."""

    @property
    def due_fen(self) -> int:
        """What the family may pay now: the agreed price not yet paid; after lessons, what was billed for them."""
        return sum(self.owed_fen(p) for p in self.packages)

    def owed_fen(self, package: PackageState) -> int:
        """What the family may pay now for one of the packages."""
        return package.price_fen - package.paid_fen if self.billing == "prepaid" else package.billed_fen

    @property
    def unreserved_fen(self) -> int:
        """Prepaid and not kept for delivered lessons that wait for the family's word."""
        return sum(p.unreserved_fen for p in self.packages)


class Suspense(msgspec.Struct, kw_only=True):
    """One receipt that no contract explains yet."""

    amount_fen: int
    reference: str
    route: str
    returning: str | None = None
    received_on: date | None = None
    return_on: date | None = None
    """From when the clock sends it back, once that was announced."""
    return_failed: bool = False
    """The bank could not send it back, or somebody declined to: the clock leaves it to people."""
    after_wind_down: bool = False
    """Whether it came in after a wind-down began: it pays no contract any more."""
    from_loan: bool = False
    """Whether a training loan paid it: it pays no contract then where the policy bars that."""


class QuotedPackage(msgspec.Struct, kw_only=True):
    """What a refund's quote says of one package (fen): what comes back, what counts as used; and what is agreed."""

    refund_fen: int
    used_fen: int
    agreed_fen: int = 0


class Refund(msgspec.Struct, kw_only=True):
    """One refund: asked, agreed, on its way, paid (fen)."""

    contract_id: str
    state: RefundState
    quoted_fen: int = 0
    quote: list[QuotedPackage] = []
    agreed_fen: int = 0
    in_flight_fen: int = 0
    paid_fen: int = 0
    final: bool = False
    returns: dict[str, int] = {}
    """How often the bank refused or got back a leg, by the payment whose route was tried."""
    answer_due_on: date | None = None
    answer_term: Term | None = None
    decision_due_on: date | None = None
    decision_term: Term | None = None
    pay_due_on: date | None = None
    pay_term: Term | None = None
    overdue: list[str] = []
    allocated_fen: int | None = None
    """What a wind-down has given it in all, what was paid or at the bank before included; None: all that is agreed."""
    goes_on: bool = False
    """Whether the family goes on at another institution: what is given waits for the transfer."""

    @property
    def promised_fen(self) -> int:
        """What of the account's cash is the family's: agreed, given by a wind-down if there is one, and not paid."""
        return self.given_fen - self.paid_fen

    @property
    def to_instruct_fen(self) -> int:
        """Agreed (and, in a wind-down, given) and not yet on its way."""
        return 0 if self.goes_on else self.given_fen - self.in_flight_fen - self.paid_fen

    @property
    def given_fen(self) -> int:
        """What may be paid of it in all."""
        return self.agreed_fen if self.allocated_fen is None else min(self.agreed_fen, self.allocated_fen)

    @property
    def uncovered_fen(self) -> int:
        """What a wind-down has not given it yet."""
        return self.agreed_fen - self.given_fen


class Instruction(msgspec.Struct, kw_only=True):
    """An order to the bank. `payment_reference` names the original payment of a refund's leg.

    `pending` until a second person approves it, if that is needed; `exported` from when a message to the bank has it.
    """

    kind: InstructionKind
    subject_id: str
    amount_fen: int
    state: InstructionState = "pending"
    payment_reference: str = ""
    instructed_on: date | None = None
    """Of payouts and advances."""
    scheduled: bool = False
    """Whether the schedule of payouts gave it."""
    needs_approval: bool = False
    maker: str = ""
    """Who made it: an actor, or the clock; nobody any more once it is paid."""

    @property
    def may_go(self) -> bool:
        """Whether it may be put into a message to the bank."""
        return self.state == "approved" or (self.state == "pending" and not self.needs_approval)


class EscrowAccount(msgspec.Struct, kw_only=True):
    """One institution's supervised account. Version 0 is an account that is not open yet.

    The aggregate of the eventsourcing library: `id`, `version`, and (see `ledger.storage`) its events.
    """

    id: UUID
    version: int = 0
    institution_id: str = ""
    bank: str = ""
    account_no: str = ""
    district: str = ""
    authorities: tuple[str, ...] = ()
    pack: str = "default"
    rating: str = ""
    listing: Listing = "normal"
    frozen: list[str] = []
    suspended_on: date | None = None
    """Since when the clocks and payouts stand still; None while they run."""
    closes_on: date | None = None
    """The last day of a closure that the institution gave notice of."""
    wind_down: WindDown | None = None
    offers: dict[str, ContinuityOffer] = {}
    """Where the institution is willing to take families of other accounts over."""
    transfers_out: dict[str, TransferOut] = {}
    transfers_sent: dict[str, TransferOut] = {}
    transfers_in: dict[str, TransferIn] = {}
    buckets: Buckets = msgspec.field(default_factory=Buckets)
    minimum_balance_fen: int = 0
    minimum_fixed_fen: int = 0
    """What the regulator fixed, before factors of rating and listing."""
    minimum_held_on: date | None = None
    """The day for which the minimum was last recorded; an earlier day's close leaves it."""
    fees_received: dict[str, int] = {}
    """Families' fees by calendar month (YYYY-MM), of the latest months."""
    top_up_due_fen: int = 0
    top_up_due_on: date | None = None
    top_up_term: Term | None = None
    top_up_overdue: bool = False
    payouts: PayoutState = msgspec.field(default_factory=PayoutState)
    bank_balance_fen: int | None = None
    bank_word_version: int = 0
    """The version at which the bank's word, or a break, last changed."""
    breaks: dict[str, OpenBreak] = {}
    """Open breaks of the reconciliation with the bank, by their id."""
    movements: int = 0
    contracts: dict[str, Contract] = {}
    contract_nos: dict[str, str] = {}
    contracts_of: dict[str, list[str]] = {}
    """Open contracts by student: what a charge is added up with, without a look at all contracts."""
    fees: FeeState = msgspec.field(default_factory=FeeState)
    suspense: dict[str, Suspense] = {}
    refunds: dict[str, Refund] = {}
    unpaid_refunds: dict[str, bool] = {}
    """Refunds that wait for an answer, an instruction or a payment (an ordered set)."""
    instructions: dict[str, Instruction] = {}
    holds: dict[str, int] = {}
    held_fen: int = 0
    unreleased: dict[str, int] = {}
    """Draws that may not be paid out yet, in fen by their `releasable_on` (ISO date)."""
    lessons_due: dict[str, dict[str, list[str]]] = {}
    """Undisputed pending lessons by the last day to answer (ISO date): lesson -> contracts."""

    detection: DetectionParameters = FIRST_DETECTION
    """What the alert rules judge the account by, recorded whenever the pack says something else."""
    detection_on: date | None = None

    def copy(self) -> "EscrowAccount":
        """An independent copy of the working state."""
        return _decode(_encode(self))

    def is_frozen(self, scope: str) -> bool:
        """Whether a freeze stops this kind of traffic, or a wind-down: it lets nothing go to the institution before
        families have everything."""
        if self.wind_down is not None and (scope != "payouts" or self.buckets.obligation_fen):
            return True
        return bool(self.frozen) and ("all" in self.frozen or scope in self.frozen)

    @property
    def unconfirmed_fen(self) -> int:
        """Cash that the bank does not have, by breaks that are open."""
        return sum(one.short_fen for one in self.breaks.values()) if self.breaks else 0

    def unreleased_fen(self, on: date) -> int:
        """Earned but not payable yet on that day: its own day is still to come, or was then. Never below zero."""
        today = on.isoformat()
        waiting_fen = sum(amount for day, amount in self.unreleased.items() if day > today)
        return waiting_fen + max(0, sum(amount for day, amount in self.payouts.earned_on.items() if day > today))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(EscrowAccount).decode
